import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.jar.*;
import java.util.spi.ToolProvider;
import java.util.stream.*;
import java.util.zip.*;

/** Prints the modules of the JDK that the archives below a directory need, in one line. */
class Modules {
  /** What describes a module. */
  private static final String MODULE = "module-info.class";

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
    if (archives.isEmpty()) return "java.base";
    List<String> words = new ArrayList<>(List.of("--print-module-deps", "--ignore-missing-deps"));
    Path copies = Files.createTempDirectory("modules");
    for (Path archive : archives) words.add(plain(archive, copies.resolve("" + words.size())).toString());
    StringWriter said = new StringWriter();
    int code = ToolProvider.findFirst("jdeps").orElseThrow()
        .run(new PrintWriter(said), new PrintWriter(System.err, true), words.toArray(String[]::new));
    if (code != 0) {
      throw new IOException("jdeps cannot tell the modules that the application needs: " + said
          + "\n  help: write `java: {jre: full}`, which ships all modules and needs none told");
    }
    // In whichever language it also warns of packages that several archives have.
    Stream<String> modules = said.toString().lines().filter(line -> line.matches("[a-z][\\w.]*(,[\\w.]+)*"));
    return modules.collect(Collectors.joining(" ")).replace(',', ' ');
  }

  /**
   * The archive as this Java loads it, and without what it says of modules itself, which need not fit together with
   * others where it is started.
   *
   * <p>Each stays an archive of its own: of all classes in one, jdeps takes five times as long. It takes no two archives
   * that have a class for different releases.
   */
  private static Path plain(Path archive, Path directory) throws IOException {
    try (JarFile jar = new JarFile(archive.toFile(), false, ZipFile.OPEN_READ, Runtime.version())) {
      if (!jar.isMultiRelease() && jar.stream().noneMatch(entry -> entry.getName().endsWith(MODULE))) return archive;
      Path copy = Files.createDirectory(directory).resolve(archive.getFileName());
      try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(copy))) {
        out.setLevel(0);
        Set<String> known = new HashSet<>();
        for (JarEntry entry : (Iterable<JarEntry>) jar.versionedStream()::iterator) {
          String name = entry.getName();
          if (!name.endsWith(".class") || name.endsWith(MODULE) || !known.add(name)) continue;
          out.putNextEntry(new ZipEntry(name));
          jar.getInputStream(entry).transferTo(out);
        }
      }
      return copy;
    }
  }
}
