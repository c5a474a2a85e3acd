import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.time.LocalDateTime;
import java.util.*;
import java.util.jar.*;
import java.util.stream.*;
import java.util.zip.*;

/** Lays an application out as it runs: `app.jar` and, in `lib`, its libraries, apart by how often they change. */
class Pack {
  static final String CLASSES = "BOOT-INF/classes/", LIBRARIES = "BOOT-INF/lib/";
  /** The parts by the names that Spring Boot has for them. */
  static final List<String> PARTS = List.of("dependencies", "snapshot-dependencies", "application");

  /** Lays out below {@code out} what a build says that it made and that this needs. */
  static void layOut(List<String> archives, List<String> needed, Path repository, Path out) throws IOException {
    for (String part : PARTS) Files.createDirectories(out.resolve(part));
    Path archive = executable(paths(archives));
    List<Path> libraries = new ArrayList<>();
    Map<String, byte[]> own = new TreeMap<>();
    Manifest manifest;
    try (JarFile jar = new JarFile(archive.toFile())) {
      manifest = jar.getManifest() == null ? new Manifest() : jar.getManifest();
      if (jar.getEntry(LIBRARIES) != null) {
        spring(jar, manifest.getMainAttributes(), own, out, libraries);
      } else {
        for (JarEntry entry : Collections.list(jar.entries())) own.put(entry.getName(), read(jar, entry));
        boolean shaded = Files.exists(archive.resolveSibling("original-" + archive.getFileName()));
        for (Path library : shaded ? List.<Path>of() : paths(needed)) {
          if (has(own, library)) continue;
          boolean fetched = library.startsWith(repository), snapshot = library.toString().contains("-SNAPSHOT");
          Path to = place(out, PARTS.get(!fetched ? 2 : snapshot ? 1 : 0), library.getFileName().toString());
          libraries.add(Files.copy(library, to));
        }
      }
    }
    Attributes main = manifest.getMainAttributes();
    main.putIfAbsent(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.remove(Attributes.Name.CLASS_PATH);
    String path = libraries.stream().map(library -> "lib/" + library.getFileName()).collect(Collectors.joining(" "));
    if (!path.isEmpty()) main.put(Attributes.Name.CLASS_PATH, path);
    own.put("META-INF/cofferdam/libraries", list(needed, libraries).getBytes(StandardCharsets.UTF_8));
    write(out.resolve("application/app.jar"), manifest, own);
  }

  static List<Path> paths(List<String> lines) {
    return lines.stream().map(line -> Path.of(line.split("\t", 2)[0])).collect(Collectors.toList());
  }

  /** What the bill of materials is told of the libraries that ship. */
  static String list(List<String> lines, List<Path> libraries) {
    Set<Path> names = libraries.stream().map(Path::getFileName).collect(Collectors.toSet());
    return lines.stream().map(line -> line.substring(line.lastIndexOf('/', line.indexOf('\t')) + 1))
        .filter(line -> names.contains(Path.of(line.split("\t", 2)[0]))).sorted().collect(Collectors.joining("\n", "", "\n"));
  }

  /** The archive that starts: one that holds others, with all that they need, is the largest. */
  static Path executable(List<Path> archives) throws IOException {
    Path found = null;
    for (Path archive : archives) {
      if (!archive.toString().endsWith(".jar")) continue;
      try (JarFile jar = new JarFile(archive.toFile())) {
        Manifest manifest = jar.getManifest();
        boolean starts = manifest != null && manifest.getMainAttributes().containsKey(Attributes.Name.MAIN_CLASS);
        if (starts && (found == null || Files.size(archive) > Files.size(found))) found = archive;
      }
    }
    if (found != null) return found;
    // It is said elsewhere what starts.
    if (System.getenv("COFFERDAM_STARTED").equals("true")) return archives.get(archives.size() - 1);
    throw new IOException("no archive that the build makes has a Main-Class: " + archives + "\nhelp: name it in the pom, "
        + "as <archive><manifest><mainClass> of maven-jar-plugin, or use the plugin of your framework");
  }

  /** Takes an archive of Spring Boot apart, by its own lists. */
  static void spring(JarFile jar, Attributes main, Map<String, byte[]> own, Path out, List<Path> libraries)
      throws IOException {
    Map<String, String> parts = new HashMap<>();
    String part = "";
    for (String line : lines(jar, "BOOT-INF/layers.idx")) {
      String value = line.substring(line.indexOf('"') + 1, line.lastIndexOf('"'));
      if (!line.startsWith(" ")) part = value; else parts.put(value, part);
    }
    for (JarEntry entry : Collections.list(jar.entries())) {
      String name = entry.getName();
      if (name.startsWith(CLASSES)) {
        own.put(name.substring(CLASSES.length()), read(jar, entry));
      } else if (name.startsWith("META-INF/maven/") || name.startsWith("META-INF/sbom/")) {
        own.put(name, read(jar, entry));
      } else if (name.startsWith(LIBRARIES + "spring-boot-jarmode-")) {
        continue; // It takes archives apart, and this one is apart.
      } else if (name.startsWith(LIBRARIES) && !entry.isDirectory()) {
        String usual = name.contains("-SNAPSHOT") ? PARTS.get(1) : PARTS.get(0);
        String named = parts.getOrDefault(name, usual);
        Path to = place(out, PARTS.contains(named) ? named : usual, name.substring(LIBRARIES.length()));
        Files.write(to, read(jar, entry));
        libraries.add(to);
      }
    }
    List<String> order = lines(jar, "BOOT-INF/classpath.idx");
    Comparator<Path> place = Comparator.comparingInt(library -> order.indexOf("- \"" + LIBRARIES + library.getFileName() + "\""));
    libraries.sort(place);
    main.putValue("Main-Class", main.getValue("Start-Class"));
    for (String name : List.of("Start-Class", "Spring-Boot-Classes", "Spring-Boot-Lib", "Spring-Boot-Classpath-Index",
        "Spring-Boot-Layers-Index")) main.remove(new Attributes.Name(name));
  }

  static Path place(Path out, String part, String name) throws IOException {
    return Files.createDirectories(out.resolve(part).resolve("lib")).resolve(name);
  }

  /** Whether an archive holds a library's classes already. */
  static boolean has(Map<String, byte[]> own, Path library) throws IOException {
    try (JarFile jar = new JarFile(library.toFile())) {
      return jar.stream().map(JarEntry::getName).filter(Pack::isClass).findFirst().map(own::containsKey).orElse(false);
    }
  }

  static boolean isClass(String name) {
    return name.endsWith(".class") && !name.endsWith("module-info.class");
  }

  static List<String> lines(JarFile jar, String name) throws IOException {
    JarEntry entry = jar.getJarEntry(name);
    if (entry == null) return List.of();
    return new String(read(jar, entry), StandardCharsets.UTF_8).lines().filter(line -> line.contains("\"")).collect(Collectors.toList());
  }

  static byte[] read(JarFile jar, JarEntry entry) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }

  /** Writes an archive whose bytes depend on its content alone. */
  static void write(Path path, Manifest manifest, Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    manifest.write(text);
    try (ZipOutputStream out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(path)))) {
      out.setMethod(ZipOutputStream.STORED);
      add(out, JarFile.MANIFEST_NAME, text.toByteArray());
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        if (!entry.getKey().equals(JarFile.MANIFEST_NAME) && !entry.getKey().isEmpty()) add(out, entry.getKey(), entry.getValue());
      }
    }
  }

  static void add(ZipOutputStream out, String name, byte[] content) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
    entry.setSize(content.length);
    entry.setCrc(sum.getValue());
    out.putNextEntry(entry);
    out.write(content);
  }
}
