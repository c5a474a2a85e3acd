# Compiles the class $1 of ours into the directory $2, so that Maven can load it.
extension() {
  home=${MAVEN_HOME:-/usr/share/maven}
  mkdir -p "$2/META-INF/sisu"
  echo "$1" > "$2/META-INF/sisu/javax.inject.Named"
  javac -proc:none -cp "$home/lib/*:$home/boot/*" -d "$2" "${0%/*}/$1.java"
}

# Runs the phase `package` with what the directory $1 has loaded into Maven, and the other arguments.
maven() {
  loaded=$1
  shift
  mvn --batch-mode --no-transfer-progress "-Dmaven.ext.class.path=$loaded" -DskipTests package "$@"
}
