# Builds the application $1 with the repository $2, lays what ships of it out in $3, and writes the modules of the runtime
# that it needs itself to the directory $4. Where $5 is `true`, it need not say what starts. Our programs are in $6; the
# other arguments are for Maven.
set -eu
export COFFERDAM_APPLICATION="$1" COFFERDAM_REPOSITORY="$2" COFFERDAM_OUT="$3" COFFERDAM_MODULES="$4/list" COFFERDAM_STARTED="$5"
programs=$6
shift 6
. "${0%/*}/maven.sh"
maven "$programs" --offline -Dproject.build.outputTimestamp=1980-01-01T00:00:02Z "$@" || {
  echo 'cofferdam: Maven failed in the offline step that builds the application
  help: what it wants of the network must be in the context, or an artifact that pom.xml names: those were fetched' >&2
  exit 1
}
[ -s "$COFFERDAM_MODULES" ] || { echo "Maven did not build $COFFERDAM_APPLICATION" >&2; exit 1; }
