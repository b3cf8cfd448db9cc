package dev.wfe.postgres.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.server.CrashableServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Runs only with {@code mvn -Psoak verify}, because growth shows only in a long run. */
@EnabledIfSystemProperty(named = "wfe.test.soak.minutes", matches = "[1-9][0-9]*")
@Timeout(value = 48, unit = TimeUnit.HOURS)
final class SoakTest {
  private static final long MINUTES = Integer.getInteger("wfe.test.soak.minutes", 0);
  private static final long TOTAL_NANOS = TimeUnit.MINUTES.toNanos(MINUTES);

  /** Caches fill, and the first vacuums come. */
  private static final long WARM_UP_NANOS = TOTAL_NANOS / 5;

  private static final int SAMPLES = 60;
  private static final long INTERVAL_NANOS = (TOTAL_NANOS - WARM_UP_NANOS) / SAMPLES;

  @Test
  void nothingGrowsWhileOrdersAreCarriedOutWithoutEnd() throws Exception {
    Series series = new Series(Path.of("target", "soak", "samples.csv"));
    try (CrashableServer server = CrashableServer.started();
        Connection operator = DriverManager.getConnection(server.jdbcUrl());
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(
                server.jdbcUrl(), PostgresOptions.builder().poolSize(Sampler.POOL_SIZE).build())) {
      run(new OrdersWithoutEnd(provider, operator), new Sampler(provider, operator), series);
    }
    System.out.printf("%s", series);
    assertThat(series.problems()).isEmpty();
  }

  private static void run(OrdersWithoutEnd orders, Sampler sampler, Series series)
      throws Exception {
    long start = System.nanoTime();
    long nextSample = WARM_UP_NANOS;
    for (long elapsed = 0; elapsed < TOTAL_NANOS; elapsed = System.nanoTime() - start) {
      assertThat(orders.next()).isEmpty();
      elapsed = System.nanoTime() - start;
      if (elapsed >= nextSample) {
        series.add(TimeUnit.NANOSECONDS.toSeconds(elapsed), orders.done(), sampler.sample());
        nextSample += INTERVAL_NANOS;
      }
      orders.removeFinished();
    }
    System.out.printf("%s orders in %s minutes%n", orders.done(), MINUTES);
  }
}
