package dev.wfe.postgres.faults.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.network.FaultyProxy;
import dev.wfe.postgres.faults.network.HeldRequests;
import dev.wfe.postgres.faults.network.Trigger;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A host is killed while it handles commands, each of them in a store of its own. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
final class KilledHandlerTest {
  private static final int CLAIM = 1;
  private static final int SETTLE = 2;

  private final TestDatabase database;
  private final Map<Moment, PostgresPersistenceProvider> others = new EnumMap<>(Moment.class);

  KilledHandlerTest(TestDatabase database) {
    this.database = database;
  }

  /** Where the host is with its command when it dies, and whether it is left to be handled. */
  private enum Moment {
    /** It has claimed the command, and does not know it. */
    CLAIMED(true),
    IN_HANDLER(true),
    /** It has handled the command, and the word of that is lost. */
    HANDLED(true),
    /** The command is deleted, and the host does not know it. */
    SETTLED(false);

    private final boolean comesBack;

    Moment(boolean comesBack) {
      this.comesBack = comesBack;
    }

    String schema() {
      return name().toLowerCase(Locale.ROOT);
    }

    Predicate<String> request(int number) {
      String sql = "insert into \"%s\".\"command_claims\"".formatted(schema());
      AtomicInteger count = new AtomicInteger();
      return text -> text.contains(sql) && count.incrementAndGet() == number;
    }
  }

  @BeforeAll
  void kill() throws Exception {
    for (Moment moment : Moment.values()) {
      PostgresPersistenceProvider other =
          PostgresPersistenceProvider.connect(
              database.url(),
              PostgresOptions.builder().schema(moment.schema()).poolSize(1).build());
      others.put(moment, other);
      other.ensureStoreExists();
      other.scheduleCommand(ScheduledCommand.processEvent("e", 1));
    }
    try (FaultyProxy proxy = new FaultyProxy(database.url());
        HeldRequests held = new HeldRequests(proxy);
        HostProcess host = HostProcess.start(HandlingHost.class, arguments(proxy.url()))) {
      host.awaitSaid(HostProcess.READY);
      held.hold(Trigger.Moment.BEFORE_ANSWER, Moment.CLAIMED.request(CLAIM));
      held.hold(Trigger.Moment.BEFORE_REQUEST, Moment.HANDLED.request(SETTLE));
      held.hold(Trigger.Moment.BEFORE_ANSWER, Moment.SETTLED.request(SETTLE));
      host.tell();
      host.awaitSaid(HandlingHost.HANDLING);
      held.awaitAll();
      host.kill();
    }
  }

  private static String[] arguments(String url) {
    return Stream.concat(Stream.of(url), Stream.of(Moment.values()).map(Moment::schema))
        .toArray(String[]::new);
  }

  @AfterAll
  void close() {
    others.values().forEach(PostgresPersistenceProvider::close);
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void aCommandOfAKilledHostComesBackWithTheEndOfItsLeaseUnlessItWasDone(Moment moment) {
    assertThat(handledByAnother(moment)).as("while the lease holds").isEmpty();

    database.execute(
        "update %s.command_claims set claimed_until = clock_timestamp()"
            .formatted(moment.schema()));

    assertThat(handledByAnother(moment)).isEqualTo(moment.comesBack ? List.of("e") : List.of());
    assertThat(handledByAnother(moment)).as("again").isEmpty();
    assertThat(
            database.queryForString(
                "select count(*) from %s.scheduled_commands".formatted(moment.schema())))
        .isEqualTo("0");
  }

  private List<String> handledByAnother(Moment moment) {
    List<String> handled = new ArrayList<>();
    PostgresPersistenceProvider other = Objects.requireNonNull(others.get(moment));
    other.processCommands(Instant.now(), command -> handled.add(command.data()));
    return handled;
  }
}
