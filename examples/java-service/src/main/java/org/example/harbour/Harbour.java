package org.example.harbour;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The berths of a harbour, kept as long as it runs. */
@SpringBootApplication
@RestController
public class Harbour {
  private final Map<String, String> berths = new TreeMap<>();

  public static void main(String[] args) {
    SpringApplication.run(Harbour.class, args);
  }

  @PutMapping("/berths/{name}")
  Mono<String> moor(@PathVariable String name, @RequestBody String ship) {
    synchronized (berths) {
      berths.put(name, ship);
    }
    return Mono.just(ship);
  }

  @GetMapping("/berths")
  Flux<Map.Entry<String, String>> berths() {
    synchronized (berths) {
      return Flux.fromIterable(new TreeMap<>(berths).entrySet());
    }
  }

  /** What the process is given. */
  @GetMapping("/")
  Map<String, Object> about() throws Exception {
    Path archive = Path.of(Harbour.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    return Map.of(
        "java", Runtime.version().feature(),
        "uid", Files.getAttribute(Path.of("/proc/self"), "unix:uid"),
        "writable", Files.isWritable(archive) || Files.isWritable(archive.getParent()),
        "authorities", authorities(),
        "modules", ModuleLayer.boot().modules().size(),
        "memory", Runtime.getRuntime().maxMemory());
  }

  private static int authorities() throws Exception {
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    return ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers().length;
  }
}
