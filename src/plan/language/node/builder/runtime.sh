# Copies Node to $1, without npm, headers and symbols that only debuggers read.
mkdir -p "$1/usr/local/bin"
cp "$(command -v node)" "$1/usr/local/bin/node"
strip --strip-unneeded "$1/usr/local/bin/node" 2>/dev/null || :
