package dev.wfe.postgres.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/** Which exception each of PostgreSQL's error codes becomes, according to {@code sqlstates.txt}. */
final class SqlStateTableTest {
  private static final List<String> IDS = List.of("w");
  private static final Operation READ = Operation.reading("operation", IDS);
  private static final Operation WRITE = Operation.writing("operation", IDS);
  private static final Operation REPEATABLE = Operation.repeatable("operation", IDS);

  /** One line of the list. */
  record Code(String state, String name, String kind) {}

  static Stream<Code> codes() throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    SqlStateTableTest.class.getResourceAsStream("sqlstates.txt")),
                StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" ", -1))
          .map(words -> new Code(words[0], words[1], words[2]))
          .toList()
          .stream();
    }
  }

  private static SQLException raised(String state) {
    return server(state, "exec_stmt_raise");
  }

  private static SQLException server(String state, String routine) {
    return new PSQLException(
        new ServerErrorMessage("SERROR\0C" + state + "\0Mmessage\0R" + routine + "\0"));
  }

  private static void assertFailure(
      StoreException failure, Class<? extends StoreException> type, boolean retryable) {
    assertThat(failure).isExactlyInstanceOf(type);
    assertThat(failure.retryable()).as(failure.toString()).isEqualTo(retryable);
  }

  private static void assertKind(SQLException error, String kind) {
    StoreException read = SqlErrors.reading(READ, error);
    StoreException write = SqlErrors.writing(REPEATABLE, error);
    StoreException blind = SqlErrors.writing(WRITE, error);
    switch (kind) {
      case "lost" -> {
        assertFailure(read, StoreUnavailableException.class, true);
        assertFailure(write, UnknownOutcomeException.class, true);
        assertFailure(blind, UnknownOutcomeException.class, false);
      }
      case "unread" -> {
        assertFailure(read, StoreFailureException.class, false);
        assertFailure(write, UnknownOutcomeException.class, true);
        assertFailure(blind, UnknownOutcomeException.class, false);
      }
      default -> {
        Class<? extends StoreException> type =
            switch (kind) {
              case "ended", "transient" -> StoreUnavailableException.class;
              case "setup" -> StoreSetupException.class;
              case "value" -> InvalidValueException.class;
              case "permanent" -> StoreFailureException.class;
              default -> throw new IllegalArgumentException(kind);
            };
        for (StoreException failure : List.of(read, write, blind)) {
          assertFailure(failure, type, type == StoreUnavailableException.class);
        }
      }
    }
    assertThat(SqlErrors.isSessionGone(error)).isEqualTo(List.of("lost", "ended").contains(kind));
  }

  @ParameterizedTest
  @MethodSource("codes")
  void eachCodeOfPostgresqlHasItsKind(Code code) {
    assertKind(raised(code.state), code.kind);
  }

  /** In a caller's transaction nothing is unknown: what is not committed is undone. */
  @ParameterizedTest
  @MethodSource("codes")
  void inACallersTransactionNoCodeLeavesAnUnknownOutcome(Code code) {
    StoreException failure = SqlErrors.inCallersTransaction(READ, raised(code.state));

    Class<? extends StoreException> type =
        switch (code.state) {
          case "25P02", "25006" -> CallerTransactionException.class;
          default ->
              switch (code.kind) {
                case "lost", "ended", "transient" -> StoreUnavailableException.class;
                case "setup" -> StoreSetupException.class;
                case "value" -> InvalidValueException.class;
                default -> StoreFailureException.class;
              };
        };
    assertFailure(failure, type, type == StoreUnavailableException.class);
    if (List.of("lost", "ended").contains(code.kind)) {
      assertThat(failure).hasMessageContaining("the connection broke, and with it the transaction");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0A000, RevalidateCachedQuery, transient",
    "0A000, transformSelectStmt, permanent",
    "26000, FetchPreparedStatement, transient",
    "54000, GetNewTransactionId, setup",
    "54000, GetNewMultiXactId, setup",
    "54000, index_form_tuple_context, value"
  })
  void theRoutineDistinguishesCodesWithSeveralMeanings(String state, String routine, String kind) {
    assertKind(server(state, routine), kind);
  }

  /** The driver has read the answer to the end, or given up: what was sent has been executed. */
  @ParameterizedTest
  @CsvSource({"53200", "08S01"})
  void anAnswerThatTheDriverCannotHoldFailsAgainAndAWriteWasExecuted(String state) {
    PSQLState driver =
        Stream.of(PSQLState.values())
            .filter(value -> value.getState().equals(state))
            .findAny()
            .orElseThrow();

    assertKind(new PSQLException("the driver's message", driver), "unread");
  }

  @ParameterizedTest
  @EnumSource(PSQLState.class)
  void eachCodeOfTheDriverHasAKind(PSQLState state) {
    SQLException error = new PSQLException("the driver's message", state);

    assertThat(SqlErrors.writing(REPEATABLE, error)).isInstanceOf(StoreException.class);
    assertThat(SqlErrors.isSessionGone(error))
        .isEqualTo(
            PSQLState.isConnectionError(state.getState()) || state == PSQLState.PROTOCOL_VIOLATION);
  }

  @Test
  void aFailureWithoutACodeIsPermanent() {
    assertKind(new SQLException("message"), "permanent");
    assertKind(new SQLException("message", "X"), "permanent");
  }

  /** Refused again each time: a parameter, the protocol, credentials, the database, a library. */
  @ParameterizedTest
  @CsvSource({
    "0A000, true",
    "22023, true",
    "28000, true",
    "28P01, true",
    "3D000, true",
    "42501, true",
    "42704, true",
    "55000, true",
    "55P02, true",
    "58P01, true",
    "08004, true",
    "53300, false",
    "57P01, false",
    "57P03, false",
    "08006, false",
    "XX000, false"
  })
  void aFailureWhileConnectingIsNotRetried(String state, boolean again) {
    assertFailure(
        SqlErrors.connecting(READ, raised(state)),
        again ? StoreSetupException.class : StoreUnavailableException.class,
        !again);
  }

  @Test
  @ExtendWith(TestDatabaseExtension.class)
  void theListHoldsEveryCodeOfThisServer(TestDatabase database) throws IOException {
    String file = "(select setting from pg_config where name = 'SHAREDIR') || '/errcodes.txt'";
    assumeTrue(
        database.queryForString(
                "select 1 from pg_stat_file(%s, true) where size > 0".formatted(file))
            != null);

    List<String> ofServer =
        database
            .queryForStrings(
                """
                select distinct substr(line, 1, 5)
                from pg_catalog.regexp_split_to_table(pg_catalog.pg_read_file(%s), '\\n') line
                where line ~ '^[0-9A-Z]{5}\\s'
                """
                    .formatted(file))
            .stream()
            .map(Objects::requireNonNull)
            .toList();

    assertThat(codes().map(Code::state)).containsAll(ofServer);
  }
}
