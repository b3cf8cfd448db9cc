package dev.wfe.postgres.spring;

import dev.wfe.host.HostHealth;
import dev.wfe.host.WorkflowHost;
import java.util.Objects;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.Status;

/**
 * The health of a host: down if it is not running or does not reach the database. Never asks the
 * database. Thread-safe.
 */
final class HostHealthIndicator extends AbstractHealthIndicator {
  private final WorkflowHost host;

  HostHealthIndicator(WorkflowHost host) {
    this.host = Objects.requireNonNull(host, "host");
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    HostHealth health = host.health();
    builder.status(health.isReady() ? Status.UP : Status.DOWN);
    health.details().forEach(builder::withDetail);
  }
}
