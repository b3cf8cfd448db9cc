package dev.wfe.host;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import java.util.Objects;

/**
 * A kind of event, and the class of its payload. Immutable and thread-safe.
 *
 * @param <E> the class of the payload, which Jackson writes and reads
 */
@SuppressWarnings("UnusedTypeParameter") // the type of the payload, for the compiler
public final class EventType<E> {
  private final String name;
  private final JavaType payload;

  private EventType(String name, JavaType payload) {
    this.name = Objects.requireNonNull(name, "name");
    this.payload = payload;
    if (name.isEmpty()) {
      throw new WorkflowDefinitionException("An event type needs a name");
    }
    Names.require("The name of an event type", name);
  }

  /**
   * Returns the event type with the name.
   *
   * @param name as it is stored with each event; not empty
   */
  public static <E> EventType<E> of(String name, Class<E> payload) {
    return new EventType<>(
        name,
        TypeFactory.defaultInstance().constructType(Objects.requireNonNull(payload, "payload")));
  }

  /** As {@link #of(String, Class)}, for generic classes such as {@code List<Item>}. */
  public static <E> EventType<E> of(String name, TypeReference<E> payload) {
    return new EventType<>(
        name,
        TypeFactory.defaultInstance().constructType(Objects.requireNonNull(payload, "payload")));
  }

  /** The name that is stored with each event. */
  public String name() {
    return name;
  }

  JavaType payload() {
    return payload;
  }

  @Override
  public String toString() {
    return "EventType[%s, %s]".formatted(name, payload.toCanonical());
  }
}
