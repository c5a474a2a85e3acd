# Makes a runtime of Java below $1, at $home: of the modules in $more, of those that the application and its libraries
# need, and where $full is `true`, of all but those of developers' tools.
# What runs for seconds is over before the optimizing compiler pays off.
quick=-XX:TieredStopAtLevel=1
tools='^jdk\.(attach|compiler|editpad|hotspot\.agent|internal\.(ed|le|opt)|jartool|javadoc|jcmd|jconsole|jdeps|jdi|jlink|jpackage|jshell|jstatd)$'
if [ "$full" = true ]; then
  modules=$(java --list-modules | cut -d @ -f 1 | grep -vE "$tools")
else
  # By its services alone is found: what talks to servers with elliptic curves.
  modules="$(cat /modules/list) $(java "$quick" -cp /run/programs Modules /libraries) jdk.crypto.ec $more"
fi
jre=$1$home
mkdir -p "${jre%/*}"
jlink "-J$quick" --add-modules "$(echo $modules | tr ' ' ,)" --strip-java-debug-attributes --no-man-pages --no-header-files --output "$jre"
mkdir "$jre/lib/locale"
cp -R /usr/lib/locale/C.utf8 "$jre/lib/locale/" || cp -R /usr/lib/locale/C.UTF-8 "$jre/lib/locale/"
rm "$jre/lib/jrt-fs.jar"
# What draws on screens and plays sounds needs libraries that the builder has not either.
for library in "$jre"/lib/*.so; do
  if LD_LIBRARY_PATH="$jre/lib:$jre/lib/server" ldd "$library" | grep -q 'not found'; then rm "$library"; fi
done
# Java reads no bundle of certificates: its store is written anew with those that the manifest adds, free of dates and salts.
if [ -n "$authorities" ]; then
  store=$jre/lib/security/cacerts plain='-J-Dkeystore.pkcs12.macAlgorithm=NONE -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE'
  keytool $plain -importkeystore -noprompt -srckeystore "$store" -srcstorepass changeit -destkeystore /tmp/store \
    -deststoretype pkcs12 -deststorepass changeit
  for authority in $authorities; do
    csplit --silent --elide-empty-files --prefix /tmp/part- "$authority" '/-BEGIN CERTIFICATE-/' '{*}'
    for part in $(grep -l -e '-BEGIN CERTIFICATE-' /tmp/part-*); do
      keytool $plain -importcert -noprompt -keystore /tmp/store -storepass changeit -alias "$authority$part" -file "$part"
    done
    rm /tmp/part-*
  done
  cat /tmp/store > "$store"
fi
# Classes that every program loads, in the form in which it maps them: it starts in less than half of the time.
"$jre/bin/java" -Xshare:dump > /dev/null
