package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.PersistenceProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What {@code docs/testing.md} shows is what was tested. */
final class TestingDocsTest {
  private static final Path PAGE = Path.of("docs/testing.md");
  private static final Path TESTS = Path.of("src/test/java/dev/wfe");
  private static final int LINES = 120;
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Nested
  final class OfferTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final PersistenceProvider provider = new InMemoryPersistenceProvider(() -> now);

    @Test
    void anOfferIsOpenAgainWhenTheTokenOfItsWorkerHasExpired() {
      Duration hold = Duration.ofMinutes(5);
      EventSubscription.Builder offer =
          EventSubscription.builder("order-1001", "ship", "offer", "parcels").subscribeAsOf(now);
      String id = provider.createEventSubscription(offer.build());
      assertThat(provider.setSubscriptionToken(id, "token 1", "worker 1", hold)).isTrue();
      assertThat(provider.setSubscriptionToken(id, "token 2", "worker 2", hold)).isFalse();

      now = now.plus(hold);

      assertThat(provider.setSubscriptionToken(id, "token 2", "worker 2", hold)).isTrue();
    }
  }

  @Test
  void itsSnippetsAreTests() throws IOException {
    List<String> tests =
        List.of(
            lines(Files.readString(TESTS.resolve("docs/TestingDocsTest.java"))),
            lines(Files.readString(TESTS.resolve("memory/InMemoryStoreTest.java"))));
    List<String> snippets =
        SNIPPET
            .matcher(Files.readString(PAGE))
            .results()
            .map(snippet -> lines(snippet.group(1)))
            .toList();

    assertThat(snippets)
        .hasSameSizeAs(tests)
        .allSatisfy(
            snippet -> assertThat(tests).anySatisfy(test -> assertThat(test).contains(snippet)));
  }

  @Test
  void itIsShort() throws IOException {
    assertThat(Files.readString(PAGE).lines().count()).isLessThanOrEqualTo(LINES);
  }

  /** How far the lines are indented makes no difference. */
  private static String lines(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n", "\n", "\n"));
  }
}
