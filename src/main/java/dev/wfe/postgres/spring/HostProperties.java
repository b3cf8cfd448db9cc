package dev.wfe.postgres.spring;

import dev.wfe.retention.Retention;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties under {@code wfe.host}.
 *
 * @param enabled whether the application executes workflows; if not, it can still start them
 * @param workers how many steps the host executes at a time; by default 4 for each processor, at
 *     least 16
 * @param lease how long a lease lasts, from 1 second to 1 day: if the host dies, its work goes on
 *     elsewhere after this time
 * @param polling how often the host looks for work when nothing wakes it
 * @param closeTimeout how long the application waits for steps under way when it stops
 * @param watchInterval how often the host looks for due workflows that nobody executes
 * @param retention for how long the store keeps what; the host deletes the rest
 */
@ConfigurationProperties("wfe.host")
record HostProperties(
    @DefaultValue("true") boolean enabled,
    @Nullable Integer workers,
    @DefaultValue("30s") Duration lease,
    @DefaultValue Polling polling,
    @DefaultValue("20s") Duration closeTimeout,
    @DefaultValue("1m") Duration watchInterval,
    @DefaultValue Kept retention) {
  /**
   * How often the host looks for work when nothing wakes it.
   *
   * @param shortest the first pause
   * @param longest the pause in which the others end, each twice as long as the one before
   */
  record Polling(@DefaultValue("50ms") Duration shortest, @DefaultValue("6s") Duration longest) {}

  /**
   * How long the store keeps ended workflows, events, errors and orphans. Null: for ever.
   *
   * @param complete for how long workflows are kept after they are complete
   * @param terminated for how long workflows are kept after they were terminated
   * @param events for how long processed events are kept
   * @param errors for how long errors are kept, also those of workflows that have not ended
   * @param orphans for how long commands, subscriptions and leases are kept whose workflow or event
   *     does not exist
   */
  record Kept(
      @Nullable Duration complete,
      @Nullable Duration terminated,
      @Nullable Duration events,
      @Nullable Duration errors,
      @Nullable Duration orphans) {
    Retention retention() {
      Retention.Builder builder = Retention.builder();
      set(complete, builder::complete);
      set(terminated, builder::terminated);
      set(events, builder::events);
      set(errors, builder::errors);
      set(orphans, builder::orphans);
      return builder.build();
    }

    private static void set(@Nullable Duration age, Consumer<Duration> target) {
      if (age != null) {
        target.accept(age);
      }
    }
  }
}
