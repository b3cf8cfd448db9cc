package dev.wfe.host;

import dev.wfe.model.Priority;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ClaimLimits;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What limits the instances of a definition, and how they are ordered. Immutable.
 *
 * @param claims what claims have to respect
 * @param key computes the key by which instances are limited; null if they are not
 * @param priority computes the priority; null if all have the same
 * @param <D> the class of the workflow's data
 */
record InstanceLimits<D>(
    ClaimLimits claims,
    @Nullable Function<? super D, String> key,
    @Nullable Function<? super D, Priority> priority) {
  static <D> InstanceLimits<D> none() {
    return new InstanceLimits<>(new ClaimLimits(null, null, null), null, null);
  }

  InstanceLimits<D> withAtATime(int most) {
    return new InstanceLimits<>(
        new ClaimLimits(most, claims.atATimePerKey(), claims.rate()), key, priority);
  }

  InstanceLimits<D> withAtATimePerKey(int most, Function<? super D, String> newKey) {
    return new InstanceLimits<>(
        new ClaimLimits(claims.atATime(), most, claims.rate()), newKey, priority);
  }

  InstanceLimits<D> withRate(ClaimLimits.Rate rate) {
    return new InstanceLimits<>(
        new ClaimLimits(claims.atATime(), claims.atATimePerKey(), rate), key, priority);
  }

  InstanceLimits<D> withPriority(Function<? super D, Priority> newPriority) {
    return new InstanceLimits<>(claims, key, newPriority);
  }

  /** Whether the data have to be read to create an instance. */
  boolean dependsOnData() {
    return key != null || priority != null;
  }

  void set(WorkflowInstance.Builder instance, D data) {
    if (key != null) {
      instance.limitKey(key.apply(data));
    }
    if (priority != null) {
      instance.priority(
          Objects.requireNonNull(
              priority.apply(data), "The function returned null instead of a priority"));
    }
  }
}
