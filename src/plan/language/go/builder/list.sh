# Lists in $1 what the packages of the program in $2 import from elsewhere: from Go itself and from modules that are not
# below $3. Files are read, not understood: what is listed for nothing is left out when dependencies are compiled, and
# what is missed is compiled with the program.
set -u
list=$1 main=$2 source=$3
find "$source" -name '.?*' -prune -o -name vendor -prune -o -name testdata -prune -o -name '*_test.go' -prune \
  -o \( -name go.mod -o -name '*.go' \) -type f -print | LC_ALL=C sort |
  main=$main awk '
    # The directory of a package, or nothing if no module here has it.
    function place(path,   module) {
      for (module = path; !(module in modules); sub("/?[^/]*$", "", module)) if (module == "") return ""
      return modules[module] substr(path, length(module) + 1)
    }
    function take(directory) {
      if (directory in taken) return
      taken[directory]
      queue[++last] = directory
    }
    # Imports come before everything else that a file declares.
    function read(name,   line, path, directory) {
      while ((getline line < name) > 0 && line !~ "^(func|type|var|const)[ \t(]|^//go:build (ignore|tools)$") {
        if (line !~ "^(import)?[ \t(]*[^ \t\"/]*[ \t]*\"") continue
        while (match(line, "\"[^\"]+\"")) {
          path = substr(line, RSTART + 1, RLENGTH - 2)
          line = substr(line, RSTART + RLENGTH)
          if (path in seen) continue
          seen[path]
          # What every package with C code imports too.
          if (path == "C") path = "runtime/cgo"
          directory = place(path)
          if (directory in files) take(directory)
          # What is no path might be an option, or stand for many packages.
          else if (path ~ "^[A-Za-z0-9_][A-Za-z0-9_.~/+-]*$" && path !~ "[.][.][.]|^(all|std|cmd|tool|work)$") print path
        }
      }
      close(name)
    }
    {
      directory = name = $0
      sub("/[^/]*$", "", directory)
      if (name ~ "/go\\.mod$") {
        while ((getline line < name) > 0) {
          gsub("\"", "", line)
          if (split(line, words) > 1 && words[1] == "module") modules[words[2]] = directory
        }
        close(name)
      } else files[directory] = files[directory] name "\n"
    }
    # Every program needs this, whatever it imports.
    END {
      print "runtime"
      take(ENVIRON["main"])
      for (first = 1; first <= last; first++) {
        count = split(files[queue[first]], names, "\n")
        for (i = 1; i < count; i++) read(names[i])
      }
    }
  ' | sort -u > "$list"
