package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.GT;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What PostgreSQL's errors, told apart by their SQLState, mean to callers. */
public final class SqlErrors {
  /** A unique key was taken by a transaction that committed at the same moment. */
  public static final String UNIQUE_VIOLATION = "23505";

  /** Under a stricter isolation than ours: another transaction wrote the row since ours began. */
  static final String SERIALIZATION_FAILURE = "40001";

  private static final String FAILED_TRANSACTION = "25P02";
  private static final String READ_ONLY_TRANSACTION = "25006";

  private static final String DUPLICATE_STATEMENT = "42P05";

  private static final String PROXY_ADVICE =
      "; behind a pooling proxy, prepared statements collide with those of other clients: set"
          + " poolingProxy(true) of PostgresOptions and prepareThreshold=0";

  /** The server does not know a setting that the connection starts with. */
  private static final String INVALID_SETTING = "22023";

  /** May hold a password. */
  private static final Pattern URL = Pattern.compile("jdbc:\\S+");

  private static final String CANNOT_CONNECT = "08001";
  private static final String CONNECTION_FAILURE = "08006";
  private static final String CONNECTION_REJECTED = "08004";
  private static final String PROTOCOL_VIOLATION = "08P01";

  private static final String VALUE = "\0";

  /**
   * Classes and codes about a parameter, the protocol's version, the credentials, the database, a
   * right, a library that each session is to load.
   */
  private static final Set<String> REFUSALS =
      Set.of("0A", "22", "28", "3D", "42", "55000", "55P02", "58P01");

  /**
   * What the driver says of a parameter that it does not take, to which it gives the state of a
   * server that is not there. Looked up as the driver does, in the words of the JVM's language.
   */
  private static final List<String> BAD_PARAMETERS =
      List.of(
          "Invalid sslmode value: {0}",
          "Invalid gssEncMode value: {0}",
          "Invalid targetServerType value: {0}",
          "A connection could not be made using the requested protocol {0}.");

  private static final String UNSUPPORTED_PARAMETER = "unsupported startup parameter";

  private SqlErrors() {}

  /** A failure to get a connection: nothing was sent. */
  public static StoreException connecting(Operation operation, SQLException error) {
    if (isRefusal(error)) {
      String refusal = "PostgreSQL refuses the connection: ";
      if (isAnotherProtocol(error)) {
        refusal = "What answers is not PostgreSQL: ";
      } else if (isBadParameter(error)) {
        refusal = "The PostgreSQL driver does not take a parameter of the URL or the data source: ";
      }
      return new StoreSetupException(
          refusal + connectionMessage(error) + connectionAdvice(error), safe(error));
    }
    return new StoreUnavailableException(
        "%s: no connection to PostgreSQL: %s".formatted(operation.name(), connectionMessage(error)),
        operation.ids(),
        safe(error));
  }

  private static String connectionAdvice(SQLException error) {
    return switch (state(origin(error))) {
      case DUPLICATE_STATEMENT -> PROXY_ADVICE;
      case INVALID_SETTING ->
          "; connections start with the JVM's time zone (%s), which -Duser.timezone changes, and with"
                  .formatted(TimeZone.getDefault().getID())
              + " the parameters of the URL";
      default -> "";
    };
  }

  /**
   * What the server or the driver said, and what a pool adds, which only says that it waited. No
   * row is part of it, so it is shown in full.
   */
  private static String connectionMessage(SQLException error) {
    SQLException origin = origin(error);
    String said = message(origin);
    String reason = URL.matcher(said + network(origin, said)).replaceAll("jdbc:…");
    String added = error.getMessage();
    return origin == error || added == null || added.contains(said)
        ? reason
        : "%s (%s)".formatted(reason, URL.matcher(added).replaceAll("jdbc:…"));
  }

  /** What the network said, where the driver does not: an unknown host, a time that ran out. */
  private static String network(SQLException origin, String said) {
    Throwable cause = origin.getCause();
    boolean isSaid =
        !(cause instanceof IOException)
            || cause instanceof ConnectException
            || said.contains(String.valueOf(cause.getMessage()));
    return isSaid ? "" : " " + cause;
  }

  /** Whether connecting again would be refused again. */
  private static boolean isRefusal(SQLException error) {
    SQLException origin = origin(error);
    String state = origin.getSQLState() == null ? "" : origin.getSQLState();
    if (state.equals(PROTOCOL_VIOLATION)) {
      return isNoPostgres(origin);
    }
    return state.equals(CONNECTION_REJECTED)
        || REFUSALS.contains(state)
        || REFUSALS.contains(state.substring(0, Math.min(2, state.length())))
        || isDistrusted(origin)
        || isBadParameter(origin);
  }

  /** Whether the driver does not take a parameter of the URL or the data source. */
  private static boolean isBadParameter(SQLException error) {
    SQLException origin = origin(error);
    return origin instanceof PSQLException postgres
        && postgres.getServerErrorMessage() == null
        && (isCausedBy(postgres, ClassNotFoundException.class)
            || (CANNOT_CONNECT.equals(postgres.getSQLState())
                && BAD_PARAMETERS.stream().anyMatch(said -> isSaid(said, postgres))));
  }

  private static boolean isSaid(String said, SQLException error) {
    String message = String.valueOf(error.getMessage());
    String[] around = GT.tr(said, VALUE).split(VALUE, -1);
    return message.startsWith(around[0]) && message.endsWith(around[around.length - 1]);
  }

  /** Whether what answered speaks another protocol. */
  private static boolean isAnotherProtocol(SQLException error) {
    SQLException origin = origin(error);
    return PROTOCOL_VIOLATION.equals(origin.getSQLState())
        && origin instanceof PSQLException postgres
        && postgres.getServerErrorMessage() == null;
  }

  /** What the driver said, where a pool wrapped it; a server may have loaded its own driver. */
  private static SQLException origin(SQLException error) {
    SQLException deepest = error;
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof PSQLException origin) {
        return origin;
      }
      if (cause instanceof SQLException deeper) {
        deepest = deeper;
      }
    }
    return deepest;
  }

  /**
   * Pooling proxies give everything this state: also that the database behind them is down, which
   * passes.
   */
  private static boolean isNoPostgres(SQLException error) {
    ServerErrorMessage server =
        error instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
    String message = server == null ? null : server.getMessage();
    return message == null || message.toLowerCase(Locale.ROOT).startsWith(UNSUPPORTED_PARAMETER);
  }

  /**
   * The server's certificate is not one to be trusted, or there is no file to judge it by. When the
   * certificate is for another host, the driver gives no cause; for what may pass it always does.
   */
  private static boolean isDistrusted(SQLException error) {
    return error instanceof PSQLException postgres
        && CONNECTION_FAILURE.equals(postgres.getSQLState())
        && postgres.getServerErrorMessage() == null
        && (postgres.getCause() == null
            || isCausedBy(postgres, GeneralSecurityException.class)
            || isCausedBy(postgres, FileNotFoundException.class));
  }

  private static boolean isCausedBy(@Nullable Throwable error, Class<?> type) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  /** A failure of a statement that only reads. */
  public static StoreException reading(Operation operation, SQLException error) {
    return isSessionGone(error)
        ? new StoreUnavailableException(
            "%s: the connection broke: %s".formatted(operation.name(), serverMessage(error)),
            operation.ids(),
            safe(error))
        : translate(operation, error);
  }

  /** A failure of a statement that writes. */
  public static StoreException writing(Operation operation, SQLException error) {
    return switch (FailureKind.of(error)) {
      case SESSION_LOST, ANSWER_TOO_LARGE ->
          new UnknownOutcomeException(
              operation.name(), operation.safeToRepeat(), operation.ids(), safe(error));
      default -> reading(operation, error);
    };
  }

  /**
   * A failure of a statement in a transaction of the caller's, with which it stands or falls: if
   * its session is gone, it is certainly not stored.
   */
  public static StoreException inCallersTransaction(Operation operation, SQLException error) {
    return switch (state(error)) {
      case FAILED_TRANSACTION ->
          new CallerTransactionException(
              operation.name(),
              "an earlier statement of the transaction failed, so PostgreSQL does nothing more in"
                  + " it: roll it back",
              operation.ids(),
              safe(error));
      case READ_ONLY_TRANSACTION ->
          new CallerTransactionException(
              operation.name(),
              "the transaction is read only, or the server a standby",
              operation.ids(),
              safe(error));
      default ->
          isSessionGone(error)
              ? new StoreUnavailableException(
                  "%s: the connection broke, and with it the transaction: %s"
                      .formatted(operation.name(), serverMessage(error)),
                  operation.ids(),
                  safe(error))
              : translate(operation, error);
    };
  }

  private static StoreException translate(Operation operation, SQLException error) {
    if (Signals.isSplit(error)) {
      return new StoreSetupException(
          operation.name()
              + ": the driver ran the statements of one operation in several transactions, and"
              + " nothing was changed: leave preferQueryMode at extended",
          safe(error));
    }
    if (Signals.isRaised(error, Signals.INCOMPLETE)) {
      return withheld(operation, Optional.of(error));
    }
    String message =
        "%s: %s (SQLState %s)".formatted(operation.name(), serverMessage(error), state(error));
    return switch (FailureKind.of(error)) {
      case SESSION_LOST, SESSION_ENDED, TRANSIENT ->
          new StoreUnavailableException(message, operation.ids(), safe(error));
      // On a direct connection the statement is prepared again by the next try.
      case MISSING_STATEMENT ->
          new StoreUnavailableException(message + PROXY_ADVICE, operation.ids(), safe(error));
      case OTHER_STATEMENT -> new StoreSetupException(message + PROXY_ADVICE, safe(error));
      case NO_STORE ->
          new StoreSetupException(
              message
                  + "; call ensureStoreExists() to create or upgrade the store; where that changes"
                  + " nothing, validateStore() says what differs",
              safe(error));
      case OTHER_TABLES ->
          new StoreSetupException(message + "; validateStore() says what differs", safe(error));
      case OTHER_ISOLATION ->
          new StoreSetupException(
              ("%s: the transaction began under another isolation than READ COMMITTED, and changed"
                      + " nothing: set the pool's isolation, or default_transaction_isolation of the"
                      + " role or database; behind a pooling proxy, another client may have set it on"
                      + " the session")
                  .formatted(operation.name()),
              safe(error));
      case MISSING_RIGHT ->
          new StoreSetupException(
              message + "; which rights a host and a reader need: docs/security.md", safe(error));
      case SERVER_SETUP -> new StoreSetupException(message, safe(error));
      case INVALID_VALUE ->
          new InvalidValueException(
              operation.name(),
              operation.ids().isEmpty() ? "" : operation.ids().get(0),
              "value",
              message);
      case ANSWER_TOO_LARGE, PERMANENT ->
          new StoreFailureException(message, operation.ids(), safe(error));
    };
  }

  /**
   * A write that was not done, where nothing of the store's own is in the way: something that
   * others added to the tables is.
   */
  public static StoreFailureException withheld(
      Operation operation, Optional<SQLException> conflict) {
    String constraint = conflict.map(SqlErrors::constraint).orElse("");
    return new StoreFailureException(
        constraint.isEmpty()
            ? operation.name()
                + ": the database wrote or deleted fewer rows than it was told to; look for"
                + " a trigger, a rule or row level security on the tables of the store"
            : "%s: the unique index or constraint '%s', which is not the store's own, refuses the write"
                .formatted(operation.name(), constraint),
        operation.ids(),
        conflict.map(SqlErrors::safe).orElse(null));
  }

  /** Whether a key was taken by another transaction, or fewer rows were written than sent. */
  public static boolean isConflict(SQLException error) {
    return UNIQUE_VIOLATION.equals(error.getSQLState())
        || Signals.isRaised(error, Signals.INCOMPLETE);
  }

  /** Whether another transaction wrote what this one, under a stricter isolation, had to write. */
  public static boolean isSerializationFailure(SQLException error) {
    return state(error).equals(SERIALIZATION_FAILURE);
  }

  /** Whether the error ended the session. */
  public static boolean isSessionGone(SQLException error) {
    FailureKind kind = FailureKind.of(error);
    return kind == FailureKind.SESSION_LOST || kind == FailureKind.SESSION_ENDED;
  }

  /** Whether the reason may be gone when the same is tried again. */
  public static boolean isTransient(SQLException error) {
    return isSessionGone(error)
        || FailureKind.of(error) == FailureKind.TRANSIENT
        || FailureKind.of(error) == FailureKind.MISSING_STATEMENT;
  }

  private static String state(SQLException error) {
    String state = error.getSQLState();
    return state == null ? "" : state;
  }

  /** The name of the constraint that was violated, or empty. */
  public static String constraint(SQLException error) {
    ServerErrorMessage server = serverError(error);
    String constraint = server == null ? null : server.getConstraint();
    return constraint == null ? "" : constraint;
  }

  private static @Nullable ServerErrorMessage serverError(SQLException error) {
    return error instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
  }

  /**
   * Errors about data quote the value that they are about, in the words and with the quotes of the
   * server's language. Of these, only the place in PostgreSQL that found it is told.
   */
  private static String serverMessage(SQLException error) {
    if (!state(error).startsWith("22")) {
      return message(error);
    }
    ServerErrorMessage server = serverError(error);
    return server == null
        ? "a value that the driver cannot convert"
        : "a value that the database does not take, in " + server.getRoutine();
  }

  private static String message(SQLException error) {
    ServerErrorMessage server = serverError(error);
    String message = server == null ? error.getMessage() : server.getMessage();
    return message == null ? error.getClass().getSimpleName() : message;
  }

  /** The error as a cause: itself, or a copy without what may show the row. */
  private static SQLException safe(SQLException error) {
    ServerErrorMessage server = serverError(error);
    boolean shows =
        state(error).startsWith("22")
            || (server != null && (server.getDetail() != null || server.getWhere() != null));
    if (!shows) {
      return error;
    }
    SQLException copy = new SQLException(serverMessage(error), error.getSQLState());
    copy.setStackTrace(error.getStackTrace());
    return copy;
  }
}
