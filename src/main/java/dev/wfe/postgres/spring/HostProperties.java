package dev.wfe.postgres.spring;

import java.time.Duration;
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
 */
@ConfigurationProperties("wfe.host")
record HostProperties(
    @DefaultValue("true") boolean enabled,
    @Nullable Integer workers,
    @DefaultValue("30s") Duration lease,
    @DefaultValue Polling polling,
    @DefaultValue("20s") Duration closeTimeout,
    @DefaultValue("1m") Duration watchInterval) {
  /**
   * How often the host looks for work when nothing wakes it.
   *
   * @param shortest the first pause
   * @param longest the pause in which the others end, each twice as long as the one before
   */
  record Polling(@DefaultValue("50ms") Duration shortest, @DefaultValue("5s") Duration longest) {}
}
