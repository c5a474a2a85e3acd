# Compiles what the build runs of ours into $1, once for all builds: what runs by itself, and what Maven loads.
set -eu
. "${0%/*}/maven.sh"
javac -proc:none -d "$1/tools" "${0%/*}/Pack.java" "${0%/*}/Modules.java"
extension Report "$1/report"
