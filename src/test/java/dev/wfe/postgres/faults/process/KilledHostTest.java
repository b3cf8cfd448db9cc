package dev.wfe.postgres.faults.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Background;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.faults.WriteCall;
import dev.wfe.postgres.faults.network.FaultyProxy;
import dev.wfe.postgres.faults.network.HeldRequests;
import dev.wfe.postgres.faults.network.Trigger;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A host is killed while it is at every kind of write, all of them at the same moment of theirs;
 * another host goes on with each.
 */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
final class KilledHostTest {
  private static final Duration HOLD = Duration.ofMinutes(5);
  private static final List<WriteCall> CALLS = WritingHost.calls();

  private final TestDatabase database;
  private final PostgresPersistenceProvider scratch;

  KilledHostTest(TestDatabase database) {
    this.database = database;
    HeldCommits.prepare(database, WritingHost.APPLICATION);
    scratch =
        PostgresPersistenceProvider.connect(
            database.url(), PostgresOptions.builder().schema("scratch").poolSize(1).build());
    scratch.ensureStoreExists();
  }

  @AfterAll
  void close() {
    scratch.close();
  }

  /** When in the course of its writes the host dies, and whether they land. */
  private enum Moment {
    /** They have left the host, and are lost on the way. */
    BEFORE(false),
    /** The server has carried them out up to the commit, and notices that the host is gone. */
    IN_AND_GIVEN_UP(false),
    /** The server has carried them out up to the commit, and does not notice. */
    IN_AND_CARRIED_ON(true),
    /** They are committed, and the answers are lost on the way. */
    AFTER(true);

    private final boolean lands;

    Moment(boolean lands) {
      this.lands = lands;
    }

    String key(WriteCall call) {
      return WritingHost.key(name().toLowerCase(Locale.ROOT), call);
    }
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void aKilledHostsWritesAreWholeOrAbsentAndAnotherHostContinues(Moment moment) throws Exception {
    try (FaultyProxy proxy = new FaultyProxy(database.url());
        HostProcess host = start(moment, proxy);
        PostgresPersistenceProvider other = PostgresPersistenceProvider.connect(database.url())) {
      host.awaitSaid(HostProcess.READY);
      assertLooks(moment, false);
      List<WorkflowInstance> read = persisted(moment, other);
      List<Background<WorkflowInstance>> persists =
          switch (moment) {
            case BEFORE -> {
              killAtEachRequest(host, proxy, Trigger.Moment.BEFORE_REQUEST);
              yield persistAll(other, read);
            }
            case AFTER -> {
              killAtEachRequest(host, proxy, Trigger.Moment.BEFORE_ANSWER);
              yield persistAll(other, read);
            }
            default -> killWhileHeld(moment, host, other, read);
          };
      assertPersisted(moment, persists);
      awaitEndOfSessions();
      assertLooks(moment, moment.lands);
      for (WriteCall call : CALLS) {
        assertGoesOn(moment, call, other);
        if (call.name().startsWith("setSubscriptionToken")) {
          assertIsTakenOnceExpired(moment.key(call), other);
        }
      }
    }
  }

  private HostProcess start(Moment moment, FaultyProxy proxy) throws IOException {
    String url = proxy.url();
    if (moment == Moment.IN_AND_GIVEN_UP) {
      url += (url.contains("?") ? "&" : "?") + "options=-c%20client_connection_check_interval=50";
    }
    return HostProcess.start(
        WritingHost.class, database.url(), url, moment.name().toLowerCase(Locale.ROOT));
  }

  private static void killAtEachRequest(HostProcess host, FaultyProxy proxy, Trigger.Moment moment)
      throws Exception {
    try (HeldRequests held = new HeldRequests(proxy)) {
      for (int i = 0; i < CALLS.size(); i++) {
        held.hold(moment, sql -> sql.contains("\"wfc\"."));
      }
      host.tell();
      held.awaitAll();
      host.kill();
    }
  }

  /** The other host comes upon the locks of the dead one. */
  private List<Background<WorkflowInstance>> killWhileHeld(
      Moment moment,
      HostProcess host,
      PostgresPersistenceProvider other,
      List<WorkflowInstance> read)
      throws Exception {
    try (HeldCommits held = new HeldCommits(database)) {
      host.tell();
      held.await(CALLS.size());
      List<Background<WorkflowInstance>> persists = persistAll(other, read);
      held.awaitBehind(persists.size());
      assertLooks(moment, false);
      host.kill();
      if (moment == Moment.IN_AND_GIVEN_UP) {
        assertPersisted(moment, persists);
        awaitEndOfSessions();
      }
      return persists;
    }
  }

  private List<WorkflowInstance> persisted(Moment moment, PostgresPersistenceProvider other) {
    return CALLS.stream()
        .filter(call -> call.name().startsWith("persistWorkflow"))
        .map(call -> other.getWorkflowInstance(moment.key(call)))
        .toList();
  }

  private static List<Background<WorkflowInstance>> persistAll(
      PostgresPersistenceProvider other, List<WorkflowInstance> read) {
    List<Background<WorkflowInstance>> persists = new ArrayList<>();
    for (WorkflowInstance one : read) {
      WorkflowInstance changed = one.toBuilder().description("by the other host").build();
      persists.add(Background.of(() -> other.persistWorkflow(changed)));
    }
    return persists;
  }

  /** Where the dead host's writes landed, what the other one had read is old. */
  private static void assertPersisted(Moment moment, List<Background<WorkflowInstance>> persists)
      throws Exception {
    assertThat(persists).hasSize(4);
    for (Background<WorkflowInstance> persist : persists) {
      if (moment.lands) {
        persist.failure(StaleRevisionException.class);
      } else {
        assertThat(persist.value().description()).isEqualTo("by the other host");
      }
    }
  }

  private void awaitEndOfSessions() {
    String sql =
        "select count(*) from pg_stat_activity where datname = current_database()"
            + " and application_name = '%s'".formatted(WritingHost.APPLICATION);
    Eventually.isTrue("the host's sessions end", () -> "0".equals(database.queryForString(sql)));
  }

  private void assertLooks(Moment moment, boolean landed) {
    for (WriteCall call : CALLS) {
      String look = call.look(database, moment.key(call));
      if (landed && isTriedAgain(moment, call)) {
        assertThat(look).as("%s: %s", moment, call).isIn(call.before(), call.after());
      } else {
        assertThat(look)
            .as("%s: %s", moment, call)
            .isEqualTo(landed ? call.after() : call.before());
      }
    }
  }

  /** It waits for a lock for 200 milliseconds at a time; the dead host does not ask again. */
  private static boolean isTriedAgain(Moment moment, WriteCall call) {
    return moment == Moment.IN_AND_CARRIED_ON && call.name().equals("markEventProcessed");
  }

  /**
   * The other host makes the same call. A call that depends on a revision was made before. The dead
   * host made the preparation.
   */
  private void assertGoesOn(Moment moment, WriteCall call, PostgresPersistenceProvider other) {
    if (StaleRevisionException.class.equals(call.again())) {
      return;
    }
    String key = moment.key(call);
    Consumer<PostgresPersistenceProvider> again = call.preparation().by(scratch, key);
    if (moment.lands && call.again() != null) {
      assertThatThrownBy(() -> again.accept(other)).as(call.name()).isInstanceOf(call.again());
    } else {
      again.accept(other);
    }
    assertThat(call.look(database, key))
        .as("%s again, killed %s", call, moment)
        .isEqualTo(moment.lands ? call.afterAgain() : call.after());
  }

  private void assertIsTakenOnceExpired(String id, PostgresPersistenceProvider other) {
    assertThat(other.setSubscriptionToken(id, "other", "other", HOLD)).isFalse();
    database.execute(
        "update wfc.event_subscriptions set external_token_expiry = clock_timestamp()"
            + " where id = '%s'".formatted(id));
    assertThat(other.setSubscriptionToken(id, "other", "other", HOLD)).isTrue();
  }
}
