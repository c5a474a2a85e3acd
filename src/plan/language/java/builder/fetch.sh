# Resolves what building $3 reads into the repository $4, with the descriptors $1 of the work tree $2; the other arguments
# are for Maven.
set -eu
descriptors=$1 work=$2 root=$3 repository=$4
shift 4
. "${0%/*}/maven.sh"
mkdir -p "$work"
cp -R "$descriptors/." "$work"
cd "$root"
added=/run/secrets/ca-certificates
if [ -s "$added" ]; then
  cp "$JAVA_HOME/lib/security/cacerts" /tmp/trusted
  chmod u+w /tmp/trusted
  csplit --silent --elide-empty-files --prefix /tmp/authority- "$added" '/-BEGIN CERTIFICATE-/' '{*}'
  for authority in $(grep -l -e '-BEGIN CERTIFICATE-' /tmp/authority-*); do
    keytool -importcert -noprompt -storepass changeit -keystore /tmp/trusted -alias "$authority" -file "$authority"
  done
  export MAVEN_OPTS="-Djavax.net.ssl.trustStore=/tmp/trusted ${MAVEN_OPTS:-}"
fi
extension Resolve /tmp/extension
maven /tmp/extension "$@"
# Where each file came from and when: the build takes all of them as they are.
find "$repository" \( -name _remote.repositories -o -name '*.lastUpdated' -o -name resolver-status.properties \) -delete
