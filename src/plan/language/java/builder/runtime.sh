# Makes a runtime of Java below $1, at $home: of the modules in $more, of those that the application and its libraries
# need, and where $full is `true`, of all but those of developers' tools.
tools='^jdk\.(attach|compiler|editpad|hotspot\.agent|internal\.(ed|le|opt)|jartool|javadoc|jcmd|jconsole|jdeps|jdi|jlink|jpackage|jshell|jstatd)$'
if [ "$full" = true ]; then
  modules=$(java --list-modules | cut -d @ -f 1 | grep -vE "$tools")
else
  # By its services alone is found: what talks to servers with elliptic curves.
  modules="$(cat /modules/list) $(java /run/java/Modules.java /libraries) jdk.crypto.ec $more"
fi
jre=$1$home
mkdir -p "${jre%/*}"
jlink --add-modules "$(echo $modules | tr ' ' ,)" --strip-java-debug-attributes --no-man-pages --no-header-files --output "$jre"
# What draws on screens and plays sounds needs libraries that the builder has not either.
for library in "$jre"/lib/*.so; do
  if LD_LIBRARY_PATH="$jre/lib:$jre/lib/server" ldd "$library" | grep -q 'not found'; then rm "$library"; fi
done
