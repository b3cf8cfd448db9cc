package dev.wfe.postgres.modelled;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.persistence.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What calls gave, without what belongs to one store alone: assigned ids become their number,
 * revisions the fact that there is one, and expiries counted from a clock the days they were given.
 */
public final class NormalForm {
  /** No expiry that is given as an instant falls between the start and then. */
  static final Duration LONGEST_HOLD = Duration.ofDays(20_000);

  private final List<String> assigned;
  private final Instant start;

  /** Of a store that has assigned the ids, and was asked for holds since the start. */
  NormalForm(List<String> assigned, Instant start) {
    this.assigned = assigned;
    this.start = start;
  }

  /** A failure, with all that it says. */
  public record Thrown(Class<?> type, @Nullable String message, List<Object> fields) {
    @Override
    public String toString() {
      return "%s: %s %s".formatted(type.getSimpleName(), Described.of(message), fields);
    }
  }

  Object of(@Nullable Object result) {
    if (result == null) {
      return "done";
    }
    if (result instanceof String text) {
      return text(text);
    }
    if (result instanceof Collection<?> collection) {
      return collection.stream().map(this::of).toList();
    }
    if (result instanceof Optional<?> optional) {
      return optional.map(this::of);
    }
    if (result instanceof WorkflowInstance instance) {
      return instance(instance);
    }
    if (result instanceof Event event) {
      return event.toBuilder().id(text(event.id())).build();
    }
    if (result instanceof EventSubscription subscription) {
      return subscription.toBuilder()
          .id(text(subscription.id()))
          .externalTokenExpiry(expiry(subscription.externalTokenExpiry()))
          .build();
    }
    if (result instanceof PersistedWorkflow persisted) {
      return of(
          List.of(
              persisted.instance(),
              persisted.subscriptionIds(),
              persisted.eventIds(),
              persisted.moreEvents()));
    }
    if (result instanceof ProcessedCommands processed) {
      return of(List.of(processed.handled(), processed.failed(), processed.failures()));
    }
    if (result instanceof ProcessedCommands.Failure failure) {
      return of(List.of(failure.commandName(), failure.data(), failure.cause()));
    }
    return result instanceof Throwable thrown ? thrown(thrown) : result;
  }

  private Object instance(WorkflowInstance instance) {
    return List.of(
        instance.toBuilder()
            .id(text(instance.id()))
            .name(text(instance.name()))
            .revision(null)
            .build(),
        instance.revision() == null ? "without a revision" : "with a revision");
  }

  private Thrown thrown(Throwable thrown) {
    String message = thrown.getMessage();
    return new Thrown(
        thrown.getClass(),
        message == null ? null : text(message),
        thrown instanceof StoreException failure ? fields(failure) : List.of());
  }

  private List<Object> fields(StoreException failure) {
    Object ids = of(failure.ids());
    if (failure instanceof DuplicateException duplicate) {
      return List.of(
          failure.retryable(),
          ids,
          duplicate.subject(),
          duplicate.field(),
          text(duplicate.value()));
    }
    if (failure instanceof NotFoundException notFound) {
      return List.of(failure.retryable(), ids, notFound.subject());
    }
    if (failure instanceof InvalidValueException invalid) {
      return List.of(failure.retryable(), ids, invalid.field(), invalid.problem());
    }
    return List.of(failure.retryable(), ids);
  }

  private String text(String text) {
    String normal = text;
    for (int i = 0; i < assigned.size(); i++) {
      normal = normal.replace(assigned.get(i), "<assigned %s>".formatted(i));
    }
    return normal;
  }

  private @Nullable Instant expiry(@Nullable Instant expiry) {
    if (expiry == null || expiry.isBefore(start) || expiry.isAfter(start.plus(LONGEST_HOLD))) {
      return expiry;
    }
    return Instant.EPOCH.plus(Duration.ofDays(Duration.between(start, expiry).toDays()));
  }
}
