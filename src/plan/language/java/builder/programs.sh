# Compiles what the build runs of ours into $1, once for all builds.
set -eu
. "${0%/*}/maven.sh"
extension Report "$1"
