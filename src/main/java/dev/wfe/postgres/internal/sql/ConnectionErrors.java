package dev.wfe.postgres.internal.sql;

import java.io.FileNotFoundException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.GT;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Which failures to connect would come again: there is something to mend first. */
public final class ConnectionErrors {
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

  private ConnectionErrors() {}

  /** Whether connecting again would be refused again. */
  public static boolean isRefusal(SQLException error) {
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
  static boolean isBadParameter(SQLException error) {
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
  static boolean isAnotherProtocol(SQLException error) {
    SQLException origin = origin(error);
    return PROTOCOL_VIOLATION.equals(origin.getSQLState())
        && origin instanceof PSQLException postgres
        && postgres.getServerErrorMessage() == null;
  }

  /** What the driver said, where a pool wrapped it; a server may have loaded its own driver. */
  static SQLException origin(SQLException error) {
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
}
