package org.example.tally;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.text.NumberFormat;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.example.words.Words;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Counts the words of what is posted to it. */
@Command(name = "tally", mixinStandardHelpOptions = true, versionProvider = Tally.Version.class)
public class Tally implements Callable<Integer> {
  @Option(names = "--port", description = "Where it listens.")
  int port = 8080;

  @Option(names = "--text", description = "Counts the words of this text and ends.")
  String text;

  public static void main(String[] args) {
    int code = new CommandLine(new Tally()).execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (text != null) {
      System.out.print(table(text));
      return 0;
    }
    HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
    server.createContext("/", exchange -> {
      byte[] answer = table(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
      exchange.close();
    });
    server.start();
    return 0;
  }

  private static String table(String text) {
    NumberFormat german = NumberFormat.getInstance(Locale.GERMANY);
    return Words.count(text).entrySet().stream()
        .map(entry -> entry.getKey() + " " + german.format(entry.getValue() * 1000) + " ‰\n")
        .collect(Collectors.joining());
  }

  static class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      boolean generated = Tally.class.getResource("/META-INF/native-image/picocli-generated") != null
          || Tally.class.getResource("/META-INF/native-image/picocli-generated/reflect-config.json") != null;
      return new String[] {Tally.class.getPackage().getImplementationVersion(), "generated: " + generated};
    }
  }
}
