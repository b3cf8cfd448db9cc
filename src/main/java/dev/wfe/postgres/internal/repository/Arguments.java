package dev.wfe.postgres.internal.repository;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.wfe.model.Topic;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Parameters;
import dev.wfe.postgres.internal.transaction.StatementExecutor;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Checks of ids and topics that the repositories share. Thread-safe. */
final class Arguments {
  private Arguments() {}

  /** Returns the given id, or a time-ordered UUID (version 7) if it is empty. */
  static String idOrNew(String id) {
    return id.isEmpty() ? UuidCreator.getTimeOrderedEpoch().toString() : id;
  }

  /**
   * Throws {@link NotFoundException} for an id that cannot be stored, because nothing can have this
   * id.
   */
  static void requireStorable(String operation, Subject subject, String id) {
    if (!ValueLimits.isStorable(ValueLimits.nonNull(operation, "id", id))) {
      throw new NotFoundException(subject, id);
    }
  }

  /** Whether the topic can be stored; if it cannot, there are no events or subscriptions for it. */
  static boolean isStorable(String operation, String eventName, String eventKey) {
    return ValueLimits.isStorable(ValueLimits.nonNull(operation, "eventName", eventName))
        && ValueLimits.isStorable(ValueLimits.nonNull(operation, "eventKey", eventKey));
  }

  /** As {@link #isStorable(String, String, String)}. */
  static boolean isStorable(Topic topic) {
    return ValueLimits.isStorable(topic.eventName()) && ValueLimits.isStorable(topic.eventKey());
  }

  /** Returns the distinct ids that can exist in the store. */
  static List<String> storable(String operation, Collection<String> ids) {
    return ValueLimits.nonNullElements(operation, "ids", ids).stream()
        .filter(ValueLimits::isStorable)
        .distinct()
        .toList();
  }

  /** Returns the values in the order of the ids; ids without a value are left out. */
  static <T> List<T> inOrder(Collection<String> ids, List<T> found, Function<T, String> id) {
    Map<String, T> byId = found.stream().collect(Collectors.toMap(id, Function.identity()));
    return ids.stream().filter(byId::containsKey).map(byId::get).toList();
  }

  /** Binds the topics to the parameters {@code names} and {@code keys}. */
  static Parameters bind(Parameters parameters, List<Topic> topics) throws SQLException {
    return parameters
        .texts("names", topics.stream().map(Topic::eventName).toList())
        .texts("keys", topics.stream().map(Topic::eventKey).toList());
  }

  /** Returns a {@link NotFoundException} if there is no row with the id; empty otherwise. */
  static Optional<StoreException> missing(
      StatementExecutor statements, NamedSql byId, Subject subject, String id) throws SQLException {
    return statements.first(byId, parameters -> parameters.text("id", id), row -> id).isPresent()
        ? Optional.empty()
        : Optional.of(new NotFoundException(subject, id));
  }
}
