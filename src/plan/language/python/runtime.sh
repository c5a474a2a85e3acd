# Copies the interpreter to $1: without its tests, its editor, its toolkit for windows, and pip. Compiles its modules
# where $bytecode is `true`.
version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
prefix=$(python3 -c 'import sys; print(sys.base_prefix)')
library=$prefix/lib/python$version
mkdir -p "$1$prefix/bin" "$1$library"
cp "$prefix/bin/python$version" "$1$prefix/bin/"
ln -s "python$version" "$1$prefix/bin/python3"
ln -s python3 "$1$prefix/bin/python"
cp -P "$prefix"/lib/libpython*.so* "$1$prefix/lib/" 2>/dev/null || :
(cd "$library" && find . -name __pycache__ -prune -o -path ./site-packages -prune -o -path ./test -prune \
  -o -path ./idlelib -prune -o -path ./tkinter -prune -o -path ./turtledemo -prune -o -path ./ensurepip -prune \
  -o -path ./lib2to3 -prune -o -path './config-*' -prune -o -name '_tkinter.*' -prune -o -name '_test*.so' -prune \
  -o -name '*.a' -prune -o \( -type f -o -type l \) -print0 | tar --null --create --files-from -) |
  tar --extract --directory "$1$library"
mkdir -p "$1$library/site-packages"
if [ "$bytecode" = true ]; then
  python3 -m compileall -q -j 1 --invalidation-mode unchecked-hash -s "$1" "$1$library" || :
fi
