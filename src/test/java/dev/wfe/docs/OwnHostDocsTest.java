package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.Event;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What {@code docs/own-host.md} shows is what was tested. */
final class OwnHostDocsTest {
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final int ORDERS = 50;
  private static final int HOSTS = 3;

  @Test
  void hostsShareTheWork() throws Exception {
    try (TestDatabase database = TestDatabase.migrated();
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(database.url())) {
      Map<String, Integer> reserved = new ConcurrentHashMap<>();
      List<OwnHost> hosts =
          IntStream.range(0, HOSTS)
              .mapToObj(
                  number ->
                      new OwnHost(
                          provider, "host-" + number, id -> reserved.merge(id, 1, Integer::sum)))
              .toList();
      List<String> ids = IntStream.range(0, ORDERS).mapToObj(number -> "o-" + number).toList();
      for (String id : ids) {
        hosts.get(0).start(id);
        provider.createEvent(Event.builder("paid", id).build());
      }

      runUntilAllEnded(hosts, provider, ids);

      assertThat(reserved).hasSize(ORDERS).allSatisfy((id, times) -> assertThat(times).isOne());
      assertThat(provider.getRunnableEvents(Instant.MAX)).isEmpty();
    }
  }

  private static void runUntilAllEnded(
      List<OwnHost> hosts, PersistenceProvider provider, List<String> ids) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(hosts.size());
    try {
      List<Future<Void>> running = new ArrayList<>();
      for (OwnHost host : hosts) {
        Callable<Void> loop =
            () -> {
              while (!haveEnded(provider, ids)) {
                host.executeDue();
                host.deliverDue();
              }
              return null;
            };
        running.add(threads.submit(loop));
      }
      for (Future<Void> host : running) {
        host.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean haveEnded(PersistenceProvider provider, List<String> ids) {
    return provider.getLiveWorkflows(ids).stream()
        .allMatch(live -> live.status() == WorkflowStatus.COMPLETE);
  }

  @Test
  void failedStepIsDueAgainAfterAPause() {
    List<Instant> now = new ArrayList<>(List.of(Instant.parse("2026-01-01T00:00:00Z")));
    PersistenceProvider provider = new InMemoryPersistenceProvider(() -> now.get(0));
    List<String> attempts = new ArrayList<>();
    OwnHost host =
        new OwnHost(
            provider,
            "host",
            id -> {
              attempts.add(id);
              throw new IOException("The stock is closed");
            });
    host.start("o-1");
    assertThat(host.executeDue()).isTrue();
    assertThat(host.executeDue()).isFalse();

    now.set(0, now.get(0).plusSeconds(10));

    assertThat(host.executeDue()).isTrue();
    assertThat(attempts).hasSize(2);
  }

  @Test
  void itsSnippetsAreTests() throws IOException {
    String tested = words(Files.readString(Path.of("src/test/java/dev/wfe/docs/OwnHost.java")));

    List<String> snippets =
        SNIPPET
            .matcher(Files.readString(Path.of("docs/own-host.md")))
            .results()
            .map(snippet -> words(snippet.group(1)))
            .toList();

    assertThat(snippets).hasSize(7).allSatisfy(snippet -> assertThat(tested).contains(snippet));
  }

  private static String words(String code) {
    return code.lines()
        .map(String::strip)
        .collect(Collectors.joining(" "))
        .replaceAll("\\s+", "")
        .strip();
  }
}
