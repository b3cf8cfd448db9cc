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
 * What PostgreSQL's error codes say about a statement of this library. An entry of two characters
 * covers a class of codes, an entry of five characters one code; the longer entry wins.
 */
enum FailureKind {
  /** The session is gone, and it is unknown how far its statement came. */
  SESSION_LOST("08", "25P04", "40003", "57P01", "57P02", "57P04"),

  /** The server ended the session while it was idle; the next statement was not executed. */
  SESSION_ENDED("25P03", "57P05"),

  /** The statement had no effect, for a reason that passes. */
  TRANSIENT("25006", "40", "53", "55006", "55P03", "57", "72000"),

  /** The session does not know a prepared statement; another try prepares it. */
  MISSING_STATEMENT("26000"),

  /** The session knows another client's prepared statement of the same name. */
  OTHER_STATEMENT("42P05"),

  /** The driver got the answer and could not hold it: a read fails again, a write was executed. */
  ANSWER_TOO_LARGE("08S01"),

  /** There are no tables, or those of an older version. */
  NO_STORE("3F000", "42703", "42P01"),

  /** The tables are not those that the statement was written for. */
  OTHER_TABLES("42"),

  /** The role lacks a right. */
  MISSING_RIGHT("42501"),

  /** A guarded statement met another isolation; see {@link SubscriptionSql}. */
  OTHER_ISOLATION("25001"),

  /** The server, or a setting of it, needs an administrator. */
  SERVER_SETUP("28", "3D000", "53400", "55P02"),

  /** PostgreSQL cannot hold the value. */
  INVALID_VALUE("22021", "22P05", "54000"),

  /** Anything else: it fails again. */
  PERMANENT;

  private static final int CLASS_LENGTH = 2;

  private static final Map<String, FailureKind> BY_CODE =
      Arrays.stream(values())
          .flatMap(kind -> kind.codes.stream().map(code -> Map.entry(code, kind)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  /** What in PostgreSQL says that a plan has another result type than when it was prepared. */
  private static final String CHANGED_PLAN = "RevalidateCachedQuery";

  /** What in PostgreSQL says that the server has used up its transaction numbers or its files. */
  private static final Set<String> LIMITS_OF_THE_SERVER =
      Set.of("GetNewTransactionId", "GetNewMultiXactId", "mdextend");

  @SuppressWarnings("ImmutableEnumChecker") // What Set.of gives is immutable.
  private final Set<String> codes;

  FailureKind(String... codes) {
    this.codes = Set.of(codes);
  }

  /** The kind of the error. */
  static FailureKind of(SQLException error) {
    String state = error.getSQLState() == null ? "" : error.getSQLState();
    FailureKind kind = ofState(state);
    ServerErrorMessage server = serverError(error);
    if (state.equals("0A000") && isRaisedBy(server, CHANGED_PLAN::equals)) {
      return TRANSIENT;
    }
    if (state.equals("54000") && isRaisedBy(server, LIMITS_OF_THE_SERVER::contains)) {
      return SERVER_SETUP;
    }
    boolean outOfMemoryHere =
        state.equals("53200") && server == null && error instanceof PSQLException;
    return outOfMemoryHere ? ANSWER_TOO_LARGE : kind;
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
