package dev.wfe.host;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import java.util.Objects;

/**
 * A kind of work that workers outside the host do. Immutable and thread-safe.
 *
 * @param <I> the class of the input, which Jackson writes and reads
 * @param <O> the class of the output, which Jackson writes and reads
 */
@SuppressWarnings("UnusedTypeParameter") // the types of input and output, for the compiler
public final class ActivityType<I, O> {
  private final String name;
  private final JavaType input;
  private final JavaType output;

  private ActivityType(String name, JavaType input, JavaType output) {
    this.name = Objects.requireNonNull(name, "name");
    this.input = input;
    this.output = output;
    if (name.isEmpty()) {
      throw new WorkflowDefinitionException("An activity type needs a name");
    }
  }

  /**
   * Returns the activity type with the name.
   *
   * @param name under which workers take the work; not empty
   */
  public static <I, O> ActivityType<I, O> of(String name, Class<I> input, Class<O> output) {
    TypeFactory types = TypeFactory.defaultInstance();
    return new ActivityType<>(
        name,
        types.constructType(Objects.requireNonNull(input, "input")),
        types.constructType(Objects.requireNonNull(output, "output")));
  }

  /** The name under which workers take the work. */
  public String name() {
    return name;
  }

  JavaType input() {
    return input;
  }

  JavaType output() {
    return output;
  }

  @Override
  public String toString() {
    return "ActivityType[%s, %s, %s]".formatted(name, input.toCanonical(), output.toCanonical());
  }
}
