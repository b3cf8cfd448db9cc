package dev.wfe.postgres.internal.repository;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.transaction.StatementExecutor;
import java.sql.SQLException;
import java.util.Optional;

/** What the repositories have in common in how they take ids and topics. */
final class Arguments {
  private Arguments() {}

  /** The given id, or for an empty one a time-ordered UUID (version 7). */
  static String idOrNew(String id) {
    return id.isEmpty() ? UuidCreator.getTimeOrderedEpoch().toString() : id;
  }

  /** Refuses an id that cannot be stored, so that there is nothing with that id. */
  static void requireStorable(String operation, Subject subject, String id) {
    if (!ValueLimits.isStorable(ValueLimits.nonNull(operation, "id", id))) {
      throw new NotFoundException(subject, id);
    }
  }

  /** Whether an event of the topic could be stored. */
  static boolean isStorable(String operation, String eventName, String eventKey) {
    return ValueLimits.isStorable(ValueLimits.nonNull(operation, "eventName", eventName))
        && ValueLimits.isStorable(ValueLimits.nonNull(operation, "eventKey", eventKey));
  }

  /** Not found, if there is no row of the id. */
  static Optional<StoreException> missing(
      StatementExecutor statements, NamedSql byId, Subject subject, String id) throws SQLException {
    return statements.first(byId, parameters -> parameters.text("id", id), row -> id).isPresent()
        ? Optional.empty()
        : Optional.of(new NotFoundException(subject, id));
  }
}
