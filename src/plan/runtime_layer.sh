# Adds the shared libraries that the files below $1 need and that are not among the names in $2, each with the record
# and the licence of its Debian package, so that bills of materials and scanners know it.
runtime=$1
base=$2
record() {
  package=$(dpkg-query --search "$1" 2>/dev/null | head -n 1 | cut -d : -f 1)
  [ -n "$package" ] || return 0
  mkdir -p "$runtime/var/lib/dpkg/status.d" "$runtime/usr/share/doc/$package"
  dpkg-query --status "$package" > "$runtime/var/lib/dpkg/status.d/$package"
  (cd "$runtime" && md5sum "$2") >> "$runtime/var/lib/dpkg/status.d/$package.md5sums"
  cp -L "/usr/share/doc/$package/copyright" "$runtime/usr/share/doc/$package/copyright"
}
mkdir -p "$runtime/usr" "$runtime/var"
find "$runtime" -type f \( -perm -u+x -o -name '*.so' -o -name '*.so.*' \) -exec ldd {} + 2>/dev/null |
  awk '$2 == "=>" && $3 ~ "^/" { print $3 }' | sort -u |
  while read -r library; do
    name=${library##*/}
    case " $base " in *" $name "*) continue ;; esac
    case $library in "$runtime"/*) continue ;; esac
    directory=$(readlink -f "${library%/*}")
    to=$directory/$name
    [ ! -e "$runtime$to" ] || continue
    mkdir -p "$runtime$directory"
    cp -L "$library" "$runtime$to"
    record "$(readlink -f "$library")" "${to#/}"
  done
