# Compiles the class $1 of ours, and those that it needs, into the directory $2, so that Maven can load it.
extension() {
  home=${MAVEN_HOME:-/usr/share/maven}
  mkdir -p "$2/META-INF/sisu"
  echo "$1" > "$2/META-INF/sisu/javax.inject.Named"
  javac -proc:none -cp "$home/lib/*:$home/boot/*" -sourcepath "${0%/*}" -d "$2" "${0%/*}/$1.java"
}

# Runs the phase `package` with what the directory $1 has loaded into Maven, and the other arguments.
maven() {
  loaded=$1
  shift
  # Most builds are over before the optimizing compiler pays off; a project that knows better says so itself.
  [ -e .mvn/jvm.config ] || export MAVEN_OPTS="-XX:TieredStopAtLevel=1 ${MAVEN_OPTS:-}"
  mvn --batch-mode --no-transfer-progress "-Dmaven.ext.class.path=$loaded" -DskipTests package "$@"
}
