import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Prints the ten test classes that took longest, from the reports in the folders given. */
final class SlowestTests {
  private static final int SHOWN = 10;
  private static final Pattern SUITE =
      Pattern.compile("<testsuite [^>]*?\\bname=\"([^\"]+)\"[^>]*?\\btime=\"([^\"]+)\"");

  private record TestClass(String name, double seconds) {}

  private SlowestTests() {}

  public static void main(String[] folders) throws IOException {
    List<TestClass> classes = new ArrayList<>();
    for (String folder : folders) {
      if (Files.isDirectory(Path.of(folder))) {
        try (Stream<Path> reports = Files.list(Path.of(folder))) {
          for (Path report : reports.filter(SlowestTests::isReport).toList()) {
            Matcher suite = SUITE.matcher(Files.readString(report));
            if (suite.find()) {
              double seconds = Double.parseDouble(suite.group(2).replace(",", ""));
              classes.add(new TestClass(suite.group(1), seconds));
            }
          }
        }
      }
    }
    if (classes.isEmpty()) {
      return;
    }
    double sum = classes.stream().mapToDouble(TestClass::seconds).sum();
    print("%s test classes took %.0f s. The slowest:", classes.size(), sum);
    classes.stream()
        .sorted(Comparator.comparingDouble(TestClass::seconds).reversed())
        .limit(SHOWN)
        .forEach(slow -> print("%6.1f s  %s", slow.seconds(), slow.name()));
  }

  private static boolean isReport(Path file) {
    return file.getFileName().toString().matches("TEST-.*\\.xml");
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
