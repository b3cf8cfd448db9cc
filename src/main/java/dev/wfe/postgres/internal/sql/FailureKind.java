package dev.wfe.postgres.internal.sql;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Classifies PostgreSQL's SQLStates by what they mean for a statement of this library. A
 * two-character entry covers a class of codes, a five-character entry one code; the longer entry
 * takes precedence.
 */
enum FailureKind {
  /** The session is gone, and whether its statement was executed is unknown. */
  SESSION_LOST("08", "25P04", "40003", "57P01", "57P02", "57P04"),

  /** The server ended the session while it was idle; the next statement was not executed. */
  SESSION_ENDED("25P03", "57P05"),

  /** The statement had no effect; the failure is transient. */
  TRANSIENT("25006", "40", "53", "55006", "55P03", "57", "72000"),

  /** The session does not know a prepared statement; a retry prepares it again. */
  MISSING_STATEMENT("26000"),

  /** The session already has a prepared statement of the same name, from another client. */
  STATEMENT_COLLISION("42P05"),

  /**
   * The result did not fit into this JVM's memory. A read would fail again. A write was executed.
   */
  ANSWER_TOO_LARGE("08S01"),

  /** The tables are missing, or belong to an older version of the store. */
  MISSING_TABLES("3F000", "42703", "42P01"),

  /** The tables differ from those that the statement was written for. */
  SCHEMA_MISMATCH("42"),

  /** The role lacks a privilege. */
  MISSING_PRIVILEGE("42501"),

  /** The transaction is not READ COMMITTED; see {@link SubscriptionSql}. */
  WRONG_ISOLATION("25001"),

  /** The server or its configuration needs an administrator. */
  SERVER_SETUP("28", "3D000", "53400", "55P02"),

  /** PostgreSQL cannot store the value. */
  INVALID_VALUE("22021", "22P05", "54000"),

  /** Any other failure; a retry would fail again. */
  PERMANENT;

  private static final int CLASS_LENGTH = 2;

  private static final Map<String, FailureKind> BY_CODE =
      Arrays.stream(values())
          .flatMap(kind -> kind.codes.stream().map(code -> Map.entry(code, kind)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  /**
   * The PostgreSQL routine that reports that the result type of a prepared statement has changed.
   */
  private static final String CHANGED_PLAN = "RevalidateCachedQuery";

  /**
   * The PostgreSQL routines that report that transaction numbers are exhausted or that a file has
   * reached its maximum size.
   */
  private static final Set<String> SERVER_LIMITS =
      Set.of("GetNewTransactionId", "GetNewMultiXactId", "mdextend");

  @SuppressWarnings("ImmutableEnumChecker") // Set.of returns an immutable set
  private final Set<String> codes;

  FailureKind(String... codes) {
    this.codes = Set.of(codes);
  }

  /** Classifies the error. */
  static FailureKind of(SQLException error) {
    String state = error.getSQLState() == null ? "" : error.getSQLState();
    FailureKind kind = ofState(state);
    ServerErrorMessage server = serverError(error);
    if (state.equals("0A000") && isRaisedBy(server, CHANGED_PLAN::equals)) {
      return TRANSIENT;
    }
    if (state.equals("54000") && isRaisedBy(server, SERVER_LIMITS::contains)) {
      return SERVER_SETUP;
    }
    boolean clientOutOfMemory =
        state.equals("53200") && server == null && error instanceof PSQLException;
    return clientOutOfMemory ? ANSWER_TOO_LARGE : kind;
  }

  private static FailureKind ofState(String state) {
    FailureKind exact = BY_CODE.get(state);
    String classOfState = state.substring(0, Math.min(CLASS_LENGTH, state.length()));
    return exact != null ? exact : BY_CODE.getOrDefault(classOfState, PERMANENT);
  }

  private static boolean isRaisedBy(
      @Nullable ServerErrorMessage server, Function<String, Boolean> routine) {
    return server != null && server.getRoutine() != null && routine.apply(server.getRoutine());
  }

  private static @Nullable ServerErrorMessage serverError(SQLException error) {
    return error instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
  }
}
