# Runs a command; where it fails, says which packages of Debian have what it looked for in the builder in vain.
#
# Arguments: where to keep what the command writes to its errors meanwhile, and the command.
set -u
log=$1 pipe=$1.pipe
shift
rm -f "$log" "$pipe"
# A builder without these tools runs the command as it is.
{ command -v awk && command -v tee && mkfifo "$pipe"; } > /dev/null 2>&1 || exec "$@"
tee "$log" < "$pipe" >&2 &
copying=$!
code=0
"$@" 2> "$pipe" || code=$?
# What the command left running may hold its end of the pipe for ever.
(sleep 2 && kill "$copying") > /dev/null 2>&1 &
waiting=$!
wait "$copying"
kill "$waiting" 2> /dev/null
rm -f "$pipe"
if [ "$code" = 0 ]; then
  rm -f "$log"
  exit 0
fi
# Of each package: headers, directories of headers (`x/`), options of the linker, descriptions for pkg-config, programs.
awk '
  FNR == NR {
    for (i = 2; i <= NF; i++) { packages[$i] = $1; if ($i !~ /[.\/]|^-/) programs[$i] }
    next
  }
  /Module not found|[Ww]arning: / { next }
  /not found|not be found|No such file or directory|cannot find|[Uu]nable to find|Could not find|not installed|No package|lookup for|Unknown compiler|pkg-config --exists/ {
    count = split($0, words, /[^A-Za-z0-9_.+\/-]+/)
    for (i = 1; i <= count; i++) {
      directory = words[i] ~ /\.(h|hh|hpp)$/ ? words[i] : ""
      sub(/\/.*/, "/", directory)
      if (words[i] in programs) continue
      if (words[i] in packages) lacks(words[i])
      else if (directory in packages) lacks(words[i], directory)
      else if (/[Pp]ackage|[Dd]ependency|library `|pkg-config/ && (words[i] ".pc") in packages) lacks(words[i] ".pc")
    }
    # Names of programs are words of other sentences, too.
    for (name in programs) {
      quoted = "[`\"\047]*" name "[`\"\047]*"
      if ($0 ~ "(^|[^A-Za-z0-9_.+/-])" quoted ":? (executable |command |could )?(not (be )?(found|installed)|failed: No such)" ||
          $0 ~ "(Could not find|[Uu]nable to find|directory:|Unknown compiler.s.:) [[]*" quoted "([^A-Za-z0-9_.+/-]|$)") lacks(name)
    }
  }
  function lacks(name, key) {
    key = packages[key == "" ? name : key]
    if (key in told) return
    told[key]
    looked = looked (looked ? ", " : "") name
    wanted = wanted (wanted ? ", " : "") key
  }
  END {
    if (wanted) printf "cofferdam: the builder seems to lack what was looked for: %s\n  help: write `build: {packages: [%s]}`, " \
      "which has it in Debian; a library that is linked to must be in the image, too\n", looked, wanted
  }
' - "$log" >&2 << 'PACKAGES' || :
build-essential gcc cc g++
cargo cargo rustc
cmake cmake
default-libmysqlclient-dev mysql.h mysqlclient.pc mariadb.pc libmariadb.pc mysql_config mariadb_config -lmysqlclient -lmariadb
freetds-dev sybdb.h sybfront.h -lsybdb
gfortran gfortran
git git
libasound2-dev alsa/ alsa.pc -lasound
libavformat-dev libavformat/ libavformat.pc
libbz2-dev bzlib.h -lbz2
libcairo2-dev cairo.h cairo/ cairo.pc -lcairo
libclang-dev libclang
libcurl4-openssl-dev curl/ curl-config libcurl.pc -lcurl
libdbus-1-dev dbus/ dbus-1.pc
libevent-dev event.h event2/ libevent.pc -levent
libffi-dev ffi.h libffi.pc -lffi
libfreetype-dev ft2build.h freetype2.pc -lfreetype
libgdal-dev gdal.h gdal-config gdal.pc -lgdal
libgeos-dev geos_c.h geos-config geos.pc -lgeos_c
libgif-dev gif_lib.h -lgif
libgirepository-2.0-dev girepository-2.0.pc
libgirepository1.0-dev girepository.h gobject-introspection-1.0.pc
libglib2.0-dev glib.h gio/ glib-2.0.pc gobject-2.0.pc gio-2.0.pc -lglib-2.0
libgmp-dev gmp.h gmp.pc -lgmp
libgraphviz-dev graphviz/ libcgraph.pc -lcgraph
libhdf5-dev hdf5.h hdf5.pc -lhdf5
libicu-dev unicode/ icu-uc.pc icu-i18n.pc -licuuc -licui18n
libjpeg-dev jpeglib.h libjpeg.pc -ljpeg
libkrb5-dev gssapi/ krb5.h krb5-config krb5.pc krb5-gssapi.pc -lgssapi_krb5 -lkrb5
libldap-dev ldap.h lber.h ldap.pc lber.pc -lldap -llber
liblz4-dev lz4.h liblz4.pc -llz4
liblzma-dev lzma.h liblzma.pc -llzma
libmagic-dev magic.h libmagic.pc -lmagic
libmemcached-dev libmemcached/ libmemcached.pc -lmemcached
libmpc-dev mpc.h -lmpc
libmpfr-dev mpfr.h mpfr.pc -lmpfr
libncurses-dev curses.h ncurses.h ncurses.pc -lncurses
libopenblas-dev cblas.h openblas.pc -lopenblas
libpango1.0-dev pango/ pango.pc pangocairo.pc
libpcap-dev pcap.h pcap/ libpcap.pc -lpcap
libpixman-1-dev pixman.h pixman-1.pc
libpng-dev png.h libpng.pc -lpng
libpq-dev libpq-fe.h pg_config libpq.pc -lpq
libproj-dev proj.h proj.pc -lproj
librdkafka-dev librdkafka/ rdkafka.pc -lrdkafka
libreadline-dev readline/ readline.pc -lreadline
librsvg2-dev librsvg/ librsvg-2.0.pc
libsasl2-dev sasl/ sasl.h libsasl2.pc -lsasl2
libseccomp-dev seccomp.h libseccomp.pc -lseccomp
libsecret-1-dev libsecret/ libsecret-1.pc
libsnappy-dev snappy-c.h snappy.h snappy.pc -lsnappy
libsndfile1-dev sndfile.h sndfile.pc -lsndfile
libsodium-dev sodium.h sodium/ libsodium.pc -lsodium
libsqlite3-dev sqlite3.h sqlite3.pc -lsqlite3
libssl-dev openssl/ openssl.pc libssl.pc libcrypto.pc -lssl -lcrypto
libsystemd-dev systemd/ libsystemd.pc -lsystemd
libtiff-dev tiff.h tiffio.h libtiff-4.pc -ltiff
libudev-dev libudev.h libudev.pc -ludev
libusb-1.0-0-dev libusb.h libusb-1.0.pc -lusb-1.0
libvips-dev vips/ vips.pc vips-cpp.pc -lvips
libwebp-dev webp/ libwebp.pc -lwebp
libx11-dev X11/ x11.pc -lX11
libxml2-dev libxml/ xml2-config libxml-2.0.pc -lxml2
libxmlsec1-dev xmlsec/ xmlsec1-config xmlsec1.pc xmlsec1-openssl.pc -lxmlsec1
libxslt1-dev libxslt/ libexslt/ xslt-config libxslt.pc libexslt.pc -lxslt -lexslt
libyaml-dev yaml.h yaml-0.1.pc -lyaml
libzmq3-dev zmq.h libzmq.pc -lzmq
libzstd-dev zstd.h libzstd.pc -lzstd
nasm nasm
ninja-build ninja
pkg-config pkg-config
portaudio19-dev portaudio.h portaudio-2.0.pc -lportaudio
protobuf-compiler protoc
swig swig
unixodbc-dev sql.h sqlext.h odbc.pc -lodbc
uuid-dev uuid/ uuid.pc -luuid
zlib1g-dev zlib.h zlib.pc -lz
PACKAGES
rm -f "$log"
exit "$code"
