# Defines `maven`, which runs the phase `package` with the class $1 of ours loaded into it and the other arguments.
maven() {
  home=${MAVEN_HOME:-/usr/share/maven} extension=$1
  shift
  mkdir -p /tmp/extension/META-INF/sisu
  echo "$extension" > /tmp/extension/META-INF/sisu/javax.inject.Named
  javac -proc:none -cp "$home/lib/*:$home/boot/*" -d /tmp/extension "${0%/*}/$extension.java"
  mvn --batch-mode --no-transfer-progress -Dmaven.ext.class.path=/tmp/extension -DskipTests package "$@"
}
