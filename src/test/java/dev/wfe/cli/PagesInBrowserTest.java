package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pages in a headless Chromium. Runs only with {@code mvn -Ppages test}, and fails there if
 * there is no Chromium. Pictures of the pages are in target/pages afterwards.
 */
@EnabledIfSystemProperty(named = "wfe.test.chromium", matches = ".+")
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PagesInBrowserTest {
  private static final Path PICTURES = Path.of("target", "pages");

  /** Opens every part, so that all of it is laid out. */
  private static final String OPEN_ALL =
      "document.querySelectorAll('details').forEach(d => d.open = true)";

  /** Texts whose colour has a contrast to the background below 4.5. */
  private static final String PALE_TEXTS =
      """
      (() => {
        const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
        const light = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255;
          return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const ground = e => { for (; e; e = e.parentElement) {
          const c = parse(getComputedStyle(e).backgroundColor);
          if (c.length == 3 || c[3] == 1) return c; } return [255, 255, 255]; };
        const pale = new Set();
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let n = walk.nextNode(); n; n = walk.nextNode()) {
          const e = n.parentElement;
          if (!n.data.trim() || ['TITLE', 'STYLE', 'title'].includes(e.tagName)) continue;
          const style = getComputedStyle(e);
          const front = parse(e instanceof SVGElement ? style.fill : style.color);
          const a = light(front), b = light(ground(e));
          const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (contrast < 4.5) pale.add(e.tagName + '.' + e.getAttribute('class') + ' ' + contrast.toFixed(2));
        }
        return [...pale].join('; ');
      })()
      """;

  private final PostgresPersistenceProvider store;
  private final CliRun.With wfe;
  private final Map<String, Path> pages = new LinkedHashMap<>();
  private Chromium browser;

  PagesInBrowserTest(TestDatabase database) {
    this.store = PostgresPersistenceProvider.connect(database.url());
    this.wfe = CliRun.With.url(database.url());
  }

  @BeforeAll
  void writePages(@TempDir Path folder) throws IOException {
    Files.createDirectories(PICTURES);
    browser = new Chromium(System.getProperty("wfe.test.chromium"), folder.resolve("profile"));
    PageSamples.createMany(store);
    write(folder, "order", "show", PageSamples.createOrder(store));
    write(folder, "report", "report");
    write(folder, "large", "show", PageSamples.createLarge(store, 5_000));
    write(folder, "hostile", "show", PageSamples.createHostile(store));
    write(folder, "hostile-report", "report");
  }

  private void write(Path folder, String name, String... command) {
    Path file = folder.resolve(name + ".html").toAbsolutePath();
    String[] arguments = new String[command.length + 2];
    System.arraycopy(command, 0, arguments, 0, command.length);
    arguments[command.length] = "--html";
    arguments[command.length + 1] = file.toString();
    CliRun run = wfe.run(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    pages.put(name, file);
  }

  @AfterAll
  void close() {
    store.close();
    browser.close();
  }

  private Path open(String name, int width, String colours) {
    Path page = Objects.requireNonNull(pages.get(name));
    browser.open(page, width, colours);
    return page;
  }

  @ParameterizedTest
  @CsvSource({
    "order, 360, light",
    "order, 1400, dark",
    "order, 1400, light",
    "order, 360, dark",
    "report, 360, dark",
    "report, 1400, light",
    "report, 1400, dark",
    "report, 360, light",
    "hostile, 360, light",
    "hostile, 1400, dark",
    "hostile-report, 360, light",
    "hostile-report, 1400, dark",
    "large, 360, light",
    "large, 1400, dark"
  })
  void aPageFitsIsReadableAndRunsNothing(String name, int width, String colours)
      throws IOException {
    Path page = open(name, width, colours);
    int height = browser.evaluate("document.documentElement.scrollHeight").asInt();
    Files.write(
        PICTURES.resolve("%s-%s-%s.png".formatted(name, width, colours)),
        browser.picture(width, Math.min(height, 2_400)));
    String title = browser.evaluate("document.title").asText();
    assertThat(browser.evaluate("document.querySelectorAll('details').length").asInt())
        .isPositive();
    if (!name.equals("large")) {
      browser.evaluate(OPEN_ALL);
    }

    assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
        .as("no horizontal scrolling")
        .isLessThanOrEqualTo(width);
    assertThat(browser.evaluate(PALE_TEXTS).asText()).as("contrast below 4.5").isEmpty();
    assertThat(browser.evaluate("document.scripts.length + document.images.length").asInt())
        .isZero();
    assertThat(title).isNotEqualTo("owned");
    assertThat(browser.requests(page)).isEmpty();
    assertThat(browser.messages()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"order", "report", "hostile"})
  void everythingIsReachedByTabWithVisibleFocus(String name) {
    open(name, 1_400, "light");
    int expected =
        browser
            .evaluate(
                "[...document.querySelectorAll('a, summary, [tabindex=\"0\"]')]"
                    + ".filter(e => e.checkVisibility() ).length")
            .asInt();
    assertThat(expected).isPositive();
    for (int i = 0; i < expected; i++) {
      browser.press("Tab", 9, "");
      JsonNode focused =
          browser.evaluate(
              "(() => { const e = document.activeElement; if (e.dataset.seen) return 'again';"
                  + " e.dataset.seen = 1; const s = getComputedStyle(e);"
                  + " return e === document.body ? 'nothing' : s.outlineStyle === 'none' ||"
                  + " parseFloat(s.outlineWidth) < 2 ? 'invisible ' + e.outerHTML : ''; })()");
      assertThat(focused.asText()).as("stop %s of %s", i + 1, expected).isEmpty();
    }
  }

  @Test
  void theFirstStopSkipsToTheContent() {
    open("order", 1_400, "light");
    browser.press("Tab", 9, "");
    assertThat(browser.evaluate("document.activeElement.className").asText()).isEqualTo("skip");
    browser.press("Enter", 13, "\r");
    assertThat(browser.evaluate("document.activeElement.id").asText()).isEqualTo("content");
  }

  @Test
  void enterAndSpaceOpenAndCloseDetails() {
    open("order", 1_400, "light");
    browser.evaluate("document.querySelector('details.json > summary').focus()");
    browser.press("Enter", 13, "\r");
    assertThat(browser.evaluate("document.querySelector('details.json').open").asBoolean())
        .isTrue();
    browser.press(" ", 32, " ");
    assertThat(browser.evaluate("document.querySelector('details.json').open").asBoolean())
        .isFalse();
  }

  @Test
  void fiveThousandStepsAreFoldedAndDrawnWithinBounds() throws IOException {
    open("large", 1_400, "light");
    assertThat(browser.evaluate("document.querySelectorAll('.tree > li').length").asInt())
        .isEqualTo(5_000);
    assertThat(
            browser
                .evaluate(
                    "[...document.querySelectorAll('.tree > li')]"
                        + ".filter(e => e.checkVisibility()).length")
                .asInt())
        .as("steps that are laid out")
        .isLessThanOrEqualTo(100);
    assertThat(browser.evaluate("document.querySelectorAll('svg *').length").asInt())
        .isLessThan(5_000);
    assertThat(Files.size(pages.get("large"))).isLessThan(5_000_000);
    System.out.println(
        "5,000 steps: bytes %s, load ms %s"
            .formatted(
                Files.size(pages.get("large")),
                browser
                    .evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
                    .asText()));
  }
}
