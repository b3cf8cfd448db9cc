package dev.wfe.postgres.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

final class SqlErrorsTest {
  private static final List<String> IDS = List.of("w");
  private static final Operation READ = Operation.reading("operation", IDS);
  private static final Operation WRITE = Operation.writing("operation", IDS);
  private static final Operation REPEATABLE = Operation.repeatable("operation", IDS);

  private static SQLException error(String sqlState) {
    return new SQLException("the driver's message", sqlState);
  }

  @ParameterizedTest
  @ValueSource(strings = {"40001", "40P01", "55P03", "57014", "25006", "57P03", "53100", "53300"})
  void transientFailuresAreRetryableAndChangedNothing(String sqlState) {
    for (StoreException failure :
        List.of(
            SqlErrors.reading(READ, error(sqlState)), SqlErrors.writing(WRITE, error(sqlState)))) {
      assertThat(failure).isInstanceOf(StoreUnavailableException.class);
      assertThat(failure.retryable()).isTrue();
      assertThat(failure.ids()).isEqualTo(IDS);
      assertThat(failure).hasMessageContaining(sqlState);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"08000", "08003", "08006", "57P01", "57P02"})
  void aBrokenSessionLeavesAWritesOutcomeUnknown(String sqlState) {
    assertThat(SqlErrors.reading(READ, error(sqlState)))
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(SqlErrors.writing(REPEATABLE, error(sqlState)))
        .isInstanceOf(UnknownOutcomeException.class)
        .extracting(StoreException::retryable)
        .isEqualTo(true);
    assertThat(SqlErrors.writing(WRITE, error(sqlState)).retryable()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"42P01", "42703", "3F000"})
  void aMissingStoreIsReportedWithWhatToCall(String sqlState) {
    assertThat(SqlErrors.reading(READ, error(sqlState)))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining("call ensureStoreExists()")
        .hasMessageContaining("validateStore() reports");
  }

  @Test
  void aMissingRightIsAMatterOfSetup() {
    assertThat(SqlErrors.writing(REPEATABLE, error("42501")))
        .isInstanceOf(StoreSetupException.class);
  }

  @Test
  void aCollidingPreparedStatementNamesTheOption() {
    for (StoreException failure :
        List.of(
            SqlErrors.connecting(READ, error("42P05")),
            SqlErrors.writing(REPEATABLE, error("42P05")))) {
      assertThat(failure)
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("poolingProxy(true) of PostgresOptions and prepareThreshold=0");
    }
    assertThat(SqlErrors.writing(WRITE, error("26000")))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("poolingProxy(true) of PostgresOptions and prepareThreshold=0");
  }

  @Test
  void anotherIsolationIsAMatterOfSetup() {
    assertThat(SqlErrors.writing(REPEATABLE, error("25001")))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining("the transaction is not READ COMMITTED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"54000", "22P05", "22021"})
  void aValueThatPostgresqlCannotHoldIsInvalid(String sqlState) {
    assertThat(SqlErrors.writing(REPEATABLE, error(sqlState)))
        .isInstanceOf(InvalidValueException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"23502", "23514", "XX000", ""})
  void anythingElseIsAFailureThatIsNotRetryable(String sqlState) {
    StoreException failure = SqlErrors.writing(REPEATABLE, error(sqlState));

    assertThat(failure).isInstanceOf(StoreFailureException.class);
    assertThat(failure.retryable()).isFalse();
  }

  @Test
  void anErrorWithoutAStateOrAMessageIsAFailureToo() {
    assertThat(SqlErrors.writing(REPEATABLE, new SQLException()))
        .isInstanceOf(StoreFailureException.class)
        .hasMessageContaining("SQLException");
  }

  private static SQLException serverError(String... fields) {
    return new PSQLException(new ServerErrorMessage(String.join("\0", fields) + "\0"));
  }

  private static String trace(StoreException failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  @Test
  void theDetailOfAnErrorIsShownNowhere() {
    SQLException violation =
        serverError(
            "SERROR",
            "C23514",
            "Mnew row violates check constraint \"c\"",
            "DFailing row contains (s, secret).",
            "nc");

    assertThat(trace(SqlErrors.writing(REPEATABLE, violation)))
        .contains("violates check constraint \"c\"", "SQLState 23514")
        .doesNotContain("secret");
    assertThat(SqlErrors.constraint(violation)).isEqualTo("c");
  }

  @Test
  void theContextOfAnErrorIsShownNowhere() {
    SQLException raised = serverError("SERROR", "CP0001", "Mrefused", "WPL/pgSQL: check('secret')");

    assertThat(trace(SqlErrors.writing(REPEATABLE, raised)))
        .contains("refused")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "invalid input syntax for type uuid: \"se\"cret\"",
        "ungültige Eingabesyntax für Typ uuid: »secret«",
        "syntaxe en entrée invalide pour le type uuid : « secret »",
        "secret"
      })
  void theValueThatAnErrorQuotesIsShownInNoLanguage(String message) {
    SQLException unreadable = serverError("SERROR", "C22P02", "M" + message, "Rstring_to_uuid");

    for (StoreException failure :
        List.of(
            SqlErrors.writing(REPEATABLE, unreadable),
            SqlErrors.reading(READ, unreadable),
            SqlErrors.inCallersTransaction(READ, unreadable))) {
      assertThat(trace(failure))
          .contains("the database rejected a value, in string_to_uuid (SQLState 22P02)")
          .doesNotContain("cret");
    }
  }

  @Test
  void aValueThatTheDriverQuotesIsNotShown() {
    SQLException unreadable = new SQLException("Bad value for type int : secret", "22003");

    assertThat(trace(SqlErrors.reading(READ, unreadable)))
        .contains("a value that the driver cannot convert (SQLState 22003)")
        .doesNotContain("secret");
  }

  /** The driver gives its own lack of memory the state of the server's. */
  @Test
  void memoryThatRanOutInThisProcessIsNotTheServers() {
    SQLException own =
        new PSQLException("Ran out of memory retrieving query results.", PSQLState.OUT_OF_MEMORY);
    SQLException servers = serverError("SERROR", "C53200", "Mout of memory");

    for (StoreException failure :
        List.of(SqlErrors.reading(READ, own), SqlErrors.inCallersTransaction(READ, own))) {
      assertThat(failure).isInstanceOf(StoreFailureException.class);
      assertThat(failure.retryable()).isFalse();
    }
    assertThat(SqlErrors.writing(WRITE, own)).isInstanceOf(UnknownOutcomeException.class);
    assertThat(SqlErrors.writing(WRITE, servers)).isInstanceOf(StoreUnavailableException.class);
  }
}
