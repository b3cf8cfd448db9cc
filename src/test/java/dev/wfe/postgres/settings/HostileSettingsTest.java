package dev.wfe.postgres.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Settings of a role, a database, a URL or a pool are harmless, or refused at opening. */
@ExtendWith(TestDatabaseExtension.class)
final class HostileSettingsTest {
  private static final Instant NOON = Instant.parse("2024-02-29T12:00:00.123456Z");

  /** Values that are refused, or let nothing be written, as other tests show. */
  private static final Set<String> REFUSED =
      Set.of(
          "client_min_messages=error",
          "session_replication_role=replica",
          "exit_on_error=on",
          "default_transaction_read_only=on",
          "default_transaction_isolation=serializable",
          "default_transaction_isolation=repeatable read",
          "default_transaction_isolation=read uncommitted");

  /** Of settings that are text; of others that are, no value changes what statements do. */
  private static final Map<String, List<String>> TEXTS =
      Map.of(
          "search_path", List.of("", "pg_temp, public", "wfc", "pg_catalog, public"),
          "DateStyle", List.of("SQL, DMY", "German", "Postgres, YMD"),
          "TimeZone", List.of("Asia/Kathmandu", "America/St_Johns"),
          "timezone_abbreviations", List.of("India", "Australia"),
          "default_tablespace", List.of("nosuch"),
          "temp_tablespaces", List.of("nosuch"),
          "lc_messages", List.of("C"),
          "client_encoding", List.of("LATIN1"),
          "restrict_nonsystem_relation_kind", List.of("view, foreign-table"));

  private final TestDatabase database;

  HostileSettingsTest(TestDatabase database) {
    this.database = database;
  }

  /** A setting, and what it is tried with. */
  private record Setting(String name, List<String> values) {
    String value(int round) {
      return values.get(Math.min(round, values.size() - 1));
    }
  }

  /** Whatever settings hold for other sessions. */
  private void alterDatabase(List<String> changes) throws SQLException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(database.url());
    dataSource.setOptions("-c default_transaction_read_only=off");
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      for (String change : changes) {
        statement.execute("alter database \"%s\" %s".formatted(connection.getCatalog(), change));
      }
    }
  }

  @AfterEach
  void resetAll() throws SQLException {
    alterDatabase(List.of("reset all"));
  }

  /**
   * Each setting that a role can change, but those of the server's log, with every value there is,
   * or the least and the most.
   */
  private List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    for (String row :
        database.queryForStrings(
            """
            select concat_ws('|', name, vartype, min_val, max_val, array_to_string(enumvals, ','))
            from pg_settings
            where context in ('user', 'superuser') and name !~ '^(log|debug_print|trace)_'
              and name not like 'transaction\\_%' order by name
            """)) {
      String[] fields = Objects.requireNonNull(row).split("\\|", -1);
      List<String> values =
          values(fields).stream()
              .filter(value -> !REFUSED.contains(fields[0] + "=" + value))
              .toList();
      if (!values.isEmpty()) {
        settings.add(new Setting(fields[0], values));
      }
    }
    return settings;
  }

  private static List<String> values(String[] fields) {
    return switch (fields[1]) {
      case "bool" -> List.of("on", "off");
      case "enum" -> List.of(fields[2].split(",", -1));
      case "string" -> TEXTS.getOrDefault(fields[0], List.of());
      default -> {
        // A time limit holds as it is set; the most stack is what the system allows.
        boolean isLimit = fields[0].endsWith("timeout");
        yield isLimit
            ? List.of("20000")
            : List.of(fields[2], fields[0].equals("max_stack_depth") ? fields[2] : fields[3]);
      }
    };
  }

  /** Together, for one after the other takes minutes; the rounds hold every value of each. */
  @Test
  void everyOtherSettingLeavesTheOperationsAsTheyAre() throws SQLException {
    List<Setting> settings = settings();
    assertThat(settings).hasSizeGreaterThan(100);
    int rounds = settings.stream().mapToInt(setting -> setting.values().size()).max().orElse(0);
    for (int round = 0; round < rounds; round++) {
      int now = round;
      alterDatabase(
          settings.stream()
              .map(setting -> "set \"%s\" to '%s'".formatted(setting.name(), setting.value(now)))
              .toList());
      try (PostgresPersistenceProvider store =
          PostgresPersistenceProvider.connect(database.url())) {
        exercise(store);
      }
      resetAll();
    }
  }

  private static void exercise(PostgresPersistenceProvider store) {
    store.ensureStoreExists();
    store.validateStore();
    store.truncateAll();
    WorkflowInstance order = order();
    store.createNewWorkflow(order);
    assertThat(store.getWorkflowInstance("order")).isEqualTo(order);
    store.createEvent(event("early", NOON));
    assertThat(store.markEventProcessed("early")).isTrue();
    List<EventSubscription> waits =
        IntStream.range(0, 20)
            .mapToObj(
                i ->
                    EventSubscription.builder("order", "p" + i, "paid", "key " + (i % 2))
                        .id("s" + i)
                        .subscribeAsOf(NOON)
                        .build())
            .toList();
    WorkflowInstance changed = order.toBuilder().reference("ä\\'\"€\n").build();
    assertThat(store.persistWorkflowWithSubscriptions(changed, waits).eventIds())
        .containsExactly("early");
    assertThat(store.getWorkflowInstance("order")).isEqualTo(changed);
    assertThat(store.getSubscriptions("paid", "key 1", NOON)).hasSize(10).contains(waits.get(1));
    assertThat(store.markEventProcessed("early")).isFalse();
    assertThat(store.getEvent("early")).isEqualTo(event("early", NOON));
    assertThat(store.getRunnableEvents(NOON)).containsExactly("early");
    assertThat(store.setSubscriptionToken("s1", "t", "w", Instant.now().plusSeconds(600))).isTrue();
    assertThat(store.getFirstOpenSubscription("paid", "key 1", NOON)).contains(waits.get(11));
    assertThat(store.nextDefinitionSequence("order")).isEqualTo(1);
    store.persistErrors(List.of(ExecutionError.now("order", "p1", "it's \\ broken")));
    store.scheduleCommand(ScheduledCommand.processWorkflow("order", 1));
    assertThat(store.processCommands(Instant.now(), command -> {}).handled()).isEqualTo(1);
  }

  private static Event event(String id, Instant time) {
    return Event.builder("paid", "key 1")
        .id(id)
        .eventTime(time)
        .eventData(NullNode.getInstance())
        .build();
  }

  /** With more pointers than travel singly, and absent values among others. */
  private static WorkflowInstance order() {
    return WorkflowInstance.builder("order", 1)
        .id("order")
        .name("order")
        .createTime(NOON)
        .data(JsonNodeFactory.instance.objectNode().put("text", "NULL \\ ' \" €"))
        .executionPointers(
            IntStream.range(0, 40)
                .mapToObj(
                    i ->
                        i % 2 == 0
                            ? ExecutionPointer.builder(i).id("p" + i).build()
                            : ExecutionPointer.builder(i)
                                .id("p" + i)
                                .stepName("NULL")
                                .sleepUntil(NOON.minusNanos(i * 1_000L))
                                .outcome(TextNode.valueOf("null"))
                                .contextItem(NullNode.getInstance())
                                .scope(List.of("a", "\\"))
                                .build())
                .toList())
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "search_path, 'public, pg_catalog'",
    "search_path, 'nosuch, pg_catalog'",
    "client_min_messages, error",
    "session_replication_role, replica",
    "exit_on_error, on"
  })
  void aSettingThatOperationsAreNotSafeUnderIsRefused(String name, String value)
      throws SQLException {
    String url = database.url();
    alterDatabase(
        List.of("set %s to %s".formatted(name, value.contains(",") ? value : "'" + value + "'")));

    assertThatThrownBy(() -> PostgresPersistenceProvider.connect(url))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageStartingWith("The setting " + name + " is " + value + " in this session: ");
    assertThatThrownBy(() -> PostgresPersistenceProvider.over(database.dataSource()))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageStartingWith("The setting " + name + " is " + value + " in this session: ");
  }

  @Test
  void aReadOnlySessionReadsAndItsWritesAreASetupFailure() throws SQLException {
    alterDatabase(List.of("set default_transaction_read_only to on"));
    try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(database.url())) {
      store.validateStore();
      assertThat(store.getRunnableEvents(Instant.EPOCH)).isEmpty();
      assertThatThrownBy(() -> store.createEvent(event("refused", NOON)))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("default_transaction_read_only is on");
    }
  }

  @Test
  void aReadOnlySettingInTheUrlIsTreatedTheSame() {
    String url = database.url() + (database.url().contains("?") ? "&" : "?");

    assertThatThrownBy(
            () ->
                PostgresPersistenceProvider.connect(
                    url + "options=-c%20client_min_messages%3Derror"))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageStartingWith("The setting client_min_messages is error");
  }

  @Test
  void anEncodingThatThePoolSetsIsRefused() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url());
    config.addDataSourceProperty("allowEncodingChanges", "true");
    config.setConnectionInitSql("set client_encoding to 'LATIN1'");
    try (HikariDataSource pool = new HikariDataSource(config)) {
      assertThatThrownBy(() -> PostgresPersistenceProvider.over(pool))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageStartingWith("The setting client_encoding is LATIN1 in this session: ");
    }
  }

  @ParameterizedTest
  @CsvSource({"LATIN1", "SQL_ASCII"})
  void aDatabaseOfAnotherEncodingIsRefused(String encoding) {
    String name = "wfe_encoding_" + encoding.toLowerCase(Locale.ROOT);
    database.execute(
        "create database %s template template0 encoding '%s' locale 'C'".formatted(name, encoding));
    try {
      String url = database.url().replaceFirst("/[^/?]*([?]|$)", "/" + name + "$1");

      assertThatThrownBy(() -> PostgresPersistenceProvider.connect(url))
          .isInstanceOf(StoreSetupException.class)
          .hasMessage(
              "The setting server_encoding is %s in this session: the database cannot hold every text; the store needs UTF8: create a database with encoding 'UTF8' template template0"
                  .formatted(encoding));
    } finally {
      database.execute("drop database %s with (force)".formatted(name));
    }
  }
}
