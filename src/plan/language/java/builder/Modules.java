import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.jar.*;
import java.util.spi.ToolProvider;
import java.util.stream.*;
import java.util.zip.*;

/** Prints the modules of the JDK that the archives below a directory need, in one line. */
class Modules {
  public static void main(String[] args) throws IOException {
    System.out.println(neededBy(Path.of(args[0])));
  }

  /** The same in words, for directories. */
  static String neededBy(Path... directories) throws IOException {
    List<Path> archives = new ArrayList<>();
    for (Path directory : directories) {
      try (Stream<Path> files = Files.walk(directory)) {
        files.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(archives::add);
      }
    }
    // Without what archives say of modules themselves: that need not fit together where they are started as one.
    Path all = Path.of("/tmp/all.jar");
    Set<String> known = new HashSet<>();
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(all))) {
      out.setLevel(0);
      out.putNextEntry(new ZipEntry(JarFile.MANIFEST_NAME));
      out.write("Manifest-Version: 1.0\nMulti-Release: true\n".getBytes());
      for (Path archive : archives) {
        try (JarFile jar = new JarFile(archive.toFile())) {
          for (JarEntry entry : Collections.list(jar.entries())) {
            String name = entry.getName();
            if (!name.endsWith(".class") || name.endsWith("module-info.class") || !known.add(name)) continue;
            out.putNextEntry(new ZipEntry(name));
            jar.getInputStream(entry).transferTo(out);
          }
        }
      }
    }
    StringWriter said = new StringWriter();
    int code = ToolProvider.findFirst("jdeps").orElseThrow().run(new PrintWriter(said), new PrintWriter(System.err, true),
        "--print-module-deps", "--ignore-missing-deps", "--multi-release", "" + Runtime.version().feature(), all.toString());
    if (code != 0) {
      throw new IOException("jdeps cannot tell the modules that the application needs: " + said
          + "\n  help: write `java: {jre: full}`, which ships all modules and needs none told");
    }
    return said.toString().trim().replace(',', ' ');
  }
}
