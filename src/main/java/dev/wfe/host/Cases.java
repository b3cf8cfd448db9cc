package dev.wfe.host;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The cases of {@link Steps#switchOn}. Not thread-safe.
 *
 * @param <D> the class of the workflow's data
 */
public final class Cases<D> {
  private final String step;
  private final Graph.Builder<?> graph;
  private final Map<String, Consumer<? super Branch<D>>> branches = new LinkedHashMap<>();
  private @Nullable Consumer<? super Branch<D>> otherwise;

  Cases(String step, Graph.Builder<?> graph) {
    this.step = step;
    this.graph = graph;
  }

  /**
   * Adds a case.
   *
   * @param value a string, a number, a boolean or an enum constant. Two values are equal if their
   *     texts are: those of {@link Enum#name()} and {@link String#valueOf(Object)}
   */
  public Cases<D> on(Object value, Consumer<? super Branch<D>> branch) {
    Objects.requireNonNull(branch, "branch");
    String text = text(Objects.requireNonNull(value, "value"));
    if (branches.putIfAbsent(text, branch) != null) {
      throw graph.problem("step '%s' has the case '%s' twice".formatted(step, text));
    }
    return this;
  }

  /** Adds the branch for null and for all values without a case. */
  public Cases<D> otherwise(Consumer<? super Branch<D>> branch) {
    if (otherwise != null) {
      throw graph.problem("step '%s' has the branch 'otherwise' twice".formatted(step));
    }
    otherwise = Objects.requireNonNull(branch, "branch");
    return this;
  }

  static String text(Object value) {
    return value instanceof Enum<?> constant ? constant.name() : String.valueOf(value);
  }

  Map<String, Consumer<? super Branch<D>>> branches() {
    return branches;
  }

  @Nullable Consumer<? super Branch<D>> otherwise() {
    return otherwise;
  }
}
