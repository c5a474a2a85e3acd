# Builds the application $1 with the repository $2, lays what ships of it out in $3, and writes the modules of the runtime
# that it needs itself to the directory $4. Where $5 is `true`, it need not say what starts. Our programs are in $6; the
# other arguments are for Maven.
set -eu
application=$1 repository=$2 out=$3 modules=$4 started=$5 programs=$6
shift 6
. "${0%/*}/maven.sh"
export COFFERDAM_APPLICATION="$application" COFFERDAM_REPORT=/tmp/report
maven "$programs/report" --offline -Dproject.build.outputTimestamp=1980-01-01T00:00:02Z "$@"
run() { java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$programs/tools" "$@"; }
run Pack /tmp/report "$repository" "$out" "$started"
run Modules "$out/snapshot-dependencies" "$out/application" > "$modules/list"
