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
import java.util.Arrays;
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

/** Translates SQL errors to the exceptions of the persistence interfaces. Thread-safe. */
public final class SqlErrors {
  /** A unique key was taken by a concurrent transaction. */
  private static final String UNIQUE_VIOLATION = "23505";

  /**
   * At a stricter isolation level than READ COMMITTED: another transaction wrote the row since this
   * one began.
   */
  private static final String SERIALIZATION_FAILURE = "40001";

  private static final String FAILED_TRANSACTION = "25P02";
  private static final String READ_ONLY_TRANSACTION = "25006";

  private static final String DUPLICATE_STATEMENT = "42P05";

  private static final String PROXY_ADVICE =
      "; behind a pooling proxy, prepared statements collide with those of other clients: set"
          + " poolingProxy(true) of PostgresOptions and prepareThreshold=0";

  /** The server rejects a setting in the startup packet. */
  private static final String INVALID_SETTING = "22023";

  /** JDBC URLs in messages, which may contain a password. */
  private static final Pattern URL = Pattern.compile("jdbc:\\S+");

  private static final String CANNOT_CONNECT = "08001";
  private static final String CONNECTION_FAILURE = "08006";
  private static final String CONNECTION_REJECTED = "08004";
  private static final String PROTOCOL_VIOLATION = "08P01";

  private static final String VALUE = "\0";

  /**
   * SQLState classes and codes of connection failures that are permanent: invalid parameters,
   * protocol version, credentials, database, privileges, or a library that every session has to
   * load.
   */
  private static final Set<String> PERMANENT_STATES =
      Set.of("0A", "22", "28", "3D", "42", "55000", "55P02", "58P01");

  /**
   * The driver's messages about invalid parameters. For these it uses the same SQLState as for an
   * unreachable server, so the message has to be compared, in the driver's translation to the JVM's
   * language.
   */
  private static final List<String> BAD_PARAMETERS =
      List.of(
          "Invalid sslmode value: {0}",
          "Invalid gssEncMode value: {0}",
          "Invalid targetServerType value: {0}",
          "A connection could not be made using the requested protocol {0}.");

  private static final String UNSUPPORTED = "0A000";
  private static final String UNSUPPORTED_PARAMETER = "unsupported startup parameter";

  private SqlErrors() {}

  /** Translates a failure to get a connection. No statement was sent. */
  public static StoreException connecting(Operation operation, SQLException error) {
    if (isPermanent(error)) {
      String problem = "PostgreSQL rejected the connection: ";
      if (isAnotherProtocol(error)) {
        problem = "The server at this address is not PostgreSQL: ";
      } else if (isBadParameter(error)) {
        problem = "The PostgreSQL driver rejected a parameter of the URL or the data source: ";
      }
      return new StoreSetupException(
          problem + connectionMessage(error) + connectionAdvice(error), safe(error));
    }
    return new StoreUnavailableException(
        "%s: no connection to PostgreSQL: %s".formatted(operation.name(), connectionMessage(error)),
        operation.ids(),
        safe(error));
  }

  private static String connectionAdvice(SQLException error) {
    return switch (state(rootError(error))) {
      case DUPLICATE_STATEMENT -> PROXY_ADVICE;
      case INVALID_SETTING ->
          "; a connection starts with the JVM's time zone (%s; change it with -Duser.timezone) and"
                  .formatted(TimeZone.getDefault().getID())
              + " the parameters of the URL";
      default -> "";
    };
  }

  /**
   * Returns the message of the server or the driver, with the message that a pool adds, such as how
   * long it waited. It is shown in full, because it contains no row values.
   */
  private static String connectionMessage(SQLException error) {
    SQLException rootError = rootError(error);
    String driverMessage = message(rootError);
    String reason =
        URL.matcher(driverMessage + networkMessage(rootError, driverMessage)).replaceAll("jdbc:…");
    String added = error.getMessage();
    return rootError == error || added == null || added.contains(driverMessage)
        ? reason
        : "%s (%s)".formatted(reason, URL.matcher(added).replaceAll("jdbc:…"));
  }

  /**
   * Returns the network error if the driver's message does not contain it, such as an unknown host
   * or a timeout.
   */
  private static String networkMessage(SQLException rootError, String driverMessage) {
    Throwable cause = rootError.getCause();
    boolean alreadyShown =
        !(cause instanceof IOException)
            || cause instanceof ConnectException
            || driverMessage.contains(String.valueOf(cause.getMessage()));
    return alreadyShown ? "" : " " + cause;
  }

  /** Whether a further attempt to connect would be rejected again. */
  private static boolean isPermanent(SQLException error) {
    SQLException rootError = rootError(error);
    String state = rootError.getSQLState() == null ? "" : rootError.getSQLState();
    if (state.equals(PROTOCOL_VIOLATION)) {
      return isNotPostgres(rootError);
    }
    if (isBrokenInPool(rootError)) {
      return false;
    }
    return state.equals(CONNECTION_REJECTED)
        || PERMANENT_STATES.contains(state)
        || PERMANENT_STATES.contains(state.substring(0, Math.min(2, state.length())))
        || isUntrustedCertificate(rootError)
        || isBadParameter(rootError);
  }

  /**
   * Whether a new connection broke while a pool set it up: HikariCP cannot read its isolation level
   * then, and asks the driver for a level that does not exist.
   */
  private static boolean isBrokenInPool(SQLException rootError) {
    return UNSUPPORTED.equals(rootError.getSQLState())
        && rootError instanceof PSQLException postgres
        && postgres.getServerErrorMessage() == null;
  }

  /** Whether the driver rejected a parameter of the URL or the data source. */
  private static boolean isBadParameter(SQLException error) {
    SQLException rootError = rootError(error);
    return rootError instanceof PSQLException postgres
        && postgres.getServerErrorMessage() == null
        && (isCausedBy(postgres, ClassNotFoundException.class)
            || (CANNOT_CONNECT.equals(postgres.getSQLState())
                && BAD_PARAMETERS.stream()
                    .anyMatch(driverMessage -> isDriverMessage(driverMessage, postgres))));
  }

  private static boolean isDriverMessage(String driverMessage, SQLException error) {
    String message = String.valueOf(error.getMessage());
    String[] around = GT.tr(driverMessage, VALUE).split(VALUE, -1);
    return message.startsWith(around[0]) && message.endsWith(around[around.length - 1]);
  }

  /** Whether the answer did not follow PostgreSQL's protocol. */
  private static boolean isAnotherProtocol(SQLException error) {
    SQLException rootError = rootError(error);
    return PROTOCOL_VIOLATION.equals(rootError.getSQLState())
        && rootError instanceof PSQLException postgres
        && postgres.getServerErrorMessage() == null;
  }

  /**
   * Returns the driver's error if a pool has wrapped it. It may not be a {@link PSQLException} of
   * this class loader, because an application server may load its own driver; then the innermost
   * {@link SQLException} is returned.
   */
  private static SQLException rootError(SQLException error) {
    SQLException deepest = error;
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof PSQLException rootError) {
        return rootError;
      }
      if (cause instanceof SQLException deeper) {
        deepest = deeper;
      }
    }
    return deepest;
  }

  /**
   * Whether a protocol violation means that the server is not PostgreSQL. Pooling proxies use this
   * SQLState for all errors, including transient ones, for example that the database behind them is
   * down.
   */
  private static boolean isNotPostgres(SQLException error) {
    ServerErrorMessage server =
        error instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
    String message = server == null ? null : server.getMessage();
    return message == null || message.toLowerCase(Locale.ROOT).startsWith(UNSUPPORTED_PARAMETER);
  }

  /**
   * Whether the server's certificate is not trusted, or the file to verify it is missing. If the
   * certificate is for another host, the driver's exception has no cause; for transient failures it
   * always has one.
   */
  private static boolean isUntrustedCertificate(SQLException error) {
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

  /** Translates the failure of a statement that only reads. */
  public static StoreException reading(Operation operation, SQLException error) {
    return isSessionGone(error)
        ? new StoreUnavailableException(
            "%s: the connection broke: %s".formatted(operation.name(), serverMessage(error)),
            operation.ids(),
            safe(error))
        : translate(operation, error);
  }

  /** Translates the failure of a statement that writes. */
  public static StoreException writing(Operation operation, SQLException error) {
    return switch (FailureKind.of(error)) {
      case SESSION_LOST, ANSWER_TOO_LARGE ->
          new UnknownOutcomeException(
              operation.name(), operation.safeToRepeat(), operation.ids(), safe(error));
      default -> reading(operation, error);
    };
  }

  /**
   * Translates the failure of a statement in the caller's transaction. If the session is gone, the
   * transaction was rolled back, so the write certainly had no effect.
   */
  public static StoreException inCallersTransaction(Operation operation, SQLException error) {
    return switch (state(error)) {
      case FAILED_TRANSACTION ->
          new CallerTransactionException(
              operation.name(),
              "an earlier statement of the transaction failed, so PostgreSQL rejects further"
                  + " statements: roll the transaction back",
              operation.ids(),
              safe(error));
      case READ_ONLY_TRANSACTION ->
          new CallerTransactionException(
              operation.name(),
              "the transaction is read only, or the server is a standby",
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

  /** Translates the failure of a commit. */
  public static StoreException committing(Operation operation, SQLException error) {
    return state(error).equals(FAILED_TRANSACTION)
        ? inCallersTransaction(operation, error)
        : writing(operation, error);
  }

  /** Returns the first SQL error among a failure, its causes and what they suppressed. */
  public static Optional<SQLException> find(@Nullable Throwable failure) {
    if (failure == null) {
      return Optional.empty();
    }
    if (failure instanceof SQLException error) {
      return Optional.of(error);
    }
    return find(failure.getCause())
        .or(
            () ->
                Arrays.stream(failure.getSuppressed())
                    .flatMap(suppressed -> find(suppressed).stream())
                    .findFirst());
  }

  private static StoreException translate(Operation operation, SQLException error) {
    if (Signals.isSplit(error)) {
      return new StoreSetupException(
          operation.name()
              + ": the driver ran the statements of one operation in several transactions, and"
              + " nothing was changed: set preferQueryMode to extended (the default)",
          safe(error));
    }
    if (Signals.isRaised(error, Signals.INCOMPLETE)) {
      return suppressed(operation, error);
    }
    String message =
        "%s: %s (SQLState %s)".formatted(operation.name(), serverMessage(error), state(error));
    return switch (FailureKind.of(error)) {
      case SESSION_LOST, SESSION_ENDED, TRANSIENT ->
          new StoreUnavailableException(message, operation.ids(), safe(error));
      // On a direct connection, a retry prepares the statement again.
      case MISSING_STATEMENT ->
          new StoreUnavailableException(message + PROXY_ADVICE, operation.ids(), safe(error));
      case STATEMENT_COLLISION -> new StoreSetupException(message + PROXY_ADVICE, safe(error));
      case MISSING_TABLES ->
          new StoreSetupException(
              message
                  + "; call ensureStoreExists() to create or upgrade the store; if that changes"
                  + " nothing, validateStore() reports the differences",
              safe(error));
      case SCHEMA_MISMATCH ->
          new StoreSetupException(
              message + "; validateStore() reports the differences", safe(error));
      case WRONG_ISOLATION ->
          new StoreSetupException(
              ("%s: the transaction is not READ COMMITTED, and changed nothing: set the pool's"
                      + " isolation, or default_transaction_isolation of the role or database; behind"
                      + " a pooling proxy, another client may have set it on the session")
                  .formatted(operation.name()),
              safe(error));
      case MISSING_PRIVILEGE ->
          new StoreSetupException(
              message + "; docs/security.md lists the privileges that a host and a reader need",
              safe(error));
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
   * Creates the exception for a write that the database suppressed although it does not conflict
   * with stored rows. The cause is something that others added to the tables, such as a trigger.
   */
  public static StoreFailureException suppressed(
      Operation operation, @Nullable SQLException conflict) {
    String constraint = conflict == null ? "" : constraint(conflict);
    return new StoreFailureException(
        constraint.isEmpty()
            ? operation.name()
                + ": the database wrote or deleted fewer rows than the statement required; look for"
                + " a trigger, a rule or row level security on the tables of the store"
            : "%s: the unique index or constraint '%s', which does not belong to the store, rejected the write"
                .formatted(operation.name(), constraint),
        operation.ids(),
        conflict == null ? null : safe(conflict));
  }

  /**
   * Whether another transaction took a unique key, fewer rows were written than sent, or the lease
   * of the named claim has ended.
   */
  public static boolean isConflict(SQLException error) {
    return UNIQUE_VIOLATION.equals(error.getSQLState())
        || Signals.isRaised(error, Signals.INCOMPLETE)
        || Signals.isRaised(error, Signals.LEASE_LOST);
  }

  /** Whether a statement failed because of a row that it wrote; other rows could be written. */
  public static boolean isAboutRows(SQLException error) {
    FailureKind kind = FailureKind.of(error);
    return isConflict(error)
        || (kind == FailureKind.PERMANENT && !state(error).equals(FAILED_TRANSACTION))
        || kind == FailureKind.INVALID_VALUE;
  }

  /**
   * Whether another transaction wrote a row that this one, at a stricter isolation level, had to
   * write.
   */
  public static boolean isSerializationFailure(SQLException error) {
    return state(error).equals(SERIALIZATION_FAILURE);
  }

  /** Whether the session has ended. */
  public static boolean isSessionGone(SQLException error) {
    FailureKind kind = FailureKind.of(error);
    return kind == FailureKind.SESSION_LOST || kind == FailureKind.SESSION_ENDED;
  }

  /** Whether a retry may succeed. */
  public static boolean isTransient(SQLException error) {
    return isSessionGone(error)
        || FailureKind.of(error) == FailureKind.TRANSIENT
        || FailureKind.of(error) == FailureKind.MISSING_STATEMENT;
  }

  private static String state(SQLException error) {
    String state = error.getSQLState();
    return state == null ? "" : state;
  }

  /** Returns the name of the violated constraint, or an empty string. */
  public static String constraint(SQLException error) {
    ServerErrorMessage server = serverError(error);
    String constraint = server == null ? null : server.getConstraint();
    return constraint == null ? "" : constraint;
  }

  private static @Nullable ServerErrorMessage serverError(SQLException error) {
    return error instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
  }

  /**
   * Returns the message to show. Errors about data (class 22) quote the value, in a form that
   * depends on the server's language, so for these only the reporting PostgreSQL routine is shown.
   */
  private static String serverMessage(SQLException error) {
    if (!state(error).startsWith("22")) {
      return message(error);
    }
    ServerErrorMessage server = serverError(error);
    return server == null
        ? "a value that the driver cannot convert"
        : "the database rejected a value, in " + server.getRoutine();
  }

  private static String message(SQLException error) {
    ServerErrorMessage server = serverError(error);
    String message = server == null ? error.getMessage() : server.getMessage();
    return message == null ? error.getClass().getSimpleName() : message;
  }

  /**
   * Returns the error to use as a cause: the error itself, or a copy without the details that may
   * contain row values.
   */
  private static SQLException safe(SQLException error) {
    ServerErrorMessage server = serverError(error);
    boolean containsRow =
        state(error).startsWith("22")
            || (server != null && (server.getDetail() != null || server.getWhere() != null));
    if (!containsRow) {
      return error;
    }
    SQLException copy = new SQLException(serverMessage(error), error.getSQLState());
    copy.setStackTrace(error.getStackTrace());
    return copy;
  }
}
