# Collects the interpreter, its standard library and the shared libraries that a base with the C library lacks.
# Usage: collect.sh DIRECTORY
set -eu
# Where the library lies, and the part of it that is made for one architecture.
library=$(ruby -e 'print RbConfig::CONFIG["rubylibdir"]')
compiled=$(ruby -e 'print RbConfig::CONFIG["rubyarchdir"]')
mkdir -p "$1/usr/bin" "$1$library" "$1$compiled" "$1/usr/share"
cp "$(readlink -f "$(command -v ruby)")" "$1/usr/bin/ruby"
cp -R "$library/." "$1$library/"
cp -R "$compiled/." "$1$compiled/"
cp -R /usr/lib/ruby/vendor_ruby "$1/usr/lib/ruby/"
cp -R /usr/share/rubygems-integration "$1/usr/share/"
# What reads keys and writes documentation is of no use to a service.
rm -rf "$1$compiled/readline.so" "$1$library"/irb* "$1$library"/rdoc*
find "$1/usr" -type f \( -name '*.so' -o -path '*/bin/*' \) -exec ldd {} + | sed -nE 's/.* => (.*) \(.*/\1/p' | sort -u |
  while read -r needed; do
    case ${needed##*/} in
    libc.so* | libm.so* | libgcc_s.so* | libssl.so* | libcrypto.so* | libz.so* | libzstd.so*) ;;
    # What the loader calls /lib is /usr/lib.
    *) install -D -m 644 "$needed" "$1/usr${needed#/usr}" ;;
    esac
  done
