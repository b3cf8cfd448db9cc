package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Call;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.World;
import dev.wfe.postgres.entity.EventSubscriptionEntity;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sixteen threads contend for the token of one subscription. A thread that sets it clears it again.
 * Each implementation has its own subscription.
 */
final class Token {
  private static final String WORKER = "worker";
  private static final Duration HELD = Duration.ofMinutes(10);

  /** Distinguishes a held token from a missing subscription without a second round trip. */
  private static final String SET =
      """
      with taken as (
        update wfc.event_subscriptions set external_token = ?, external_worker_id = ?,
          external_token_expiry = clock_timestamp() + interval '10 min'
        where id = ? and (external_token is null or external_token_expiry <= clock_timestamp())
        returning 1)
      select exists (select from taken) from wfc.event_subscriptions where id = ?
      """;

  private static final String CLEAR =
      """
      update %s.event_subscriptions set external_token = null, external_worker_id = null,
        external_token_expiry = null
      where id = ? and external_token = ?
      """;

  private static final String CLEAR_OURS = CLEAR.formatted(Tables.LIBRARY);
  private static final String CLEAR_RUST_PROVIDER = CLEAR.formatted(Tables.RUST_PROVIDER);

  /** Ignores expiry. */
  private static final String SET_RUST_PROVIDER =
      """
      update %s.event_subscriptions set external_token = ?, external_worker_id = ?,
        external_token_expiry = ?
      where id = ? and external_token is null
      """
          .formatted(Tables.RUST_PROVIDER);

  private final World world;
  private final Jdbc jdbc;
  private final PlainHibernate hibernate;

  private Token(World world) {
    this.world = world;
    this.jdbc = new Jdbc(world.jdbc());
    this.hibernate = new PlainHibernate(world.hibernate());
  }

  static Comparison of(World world) {
    Token token = new Token(world);
    return Comparison.of(
        "token",
        "one subscription",
        List.of(16),
        alternative(Implementation.BASELINE, token::setByHand, token::clearByHand, "s1"),
        alternative(
            Implementation.RUST_PROVIDER,
            token::setAsRustProvider,
            token::clearAsRustProvider,
            "s2"),
        alternative(Implementation.HIBERNATE, token::setHibernate, token::clearHibernate, "s3"),
        alternative(Implementation.LIBRARY, token::setOurs, token::clearOurs, "s4"));
  }

  /** Sets the token if there is none. */
  @FunctionalInterface
  private interface Setter {
    boolean set(String subscription, String token) throws Exception;
  }

  /** Clears the token. */
  @FunctionalInterface
  private interface Clearer {
    void clear(String subscription, String token) throws Exception;
  }

  private static Alternative alternative(
      Implementation implementation, Setter setter, Clearer clearer, String subscription) {
    AtomicInteger holders = new AtomicInteger();
    return Alternative.of(
        implementation, thread -> contender(setter, clearer, subscription, holders));
  }

  private static Call contender(
      Setter setter, Clearer clearer, String subscription, AtomicInteger holders) {
    return () -> {
      String token = UUID.randomUUID().toString();
      boolean won = setter.set(subscription, token);
      if (won) {
        Jdbc.require(holders.incrementAndGet() == 1, "Held twice");
        holders.decrementAndGet();
        clearer.clear(subscription, token);
      }
      return won;
    };
  }

  private boolean setByHand(String subscription, String token) throws SQLException {
    return jdbc.query(
        SET,
        statement -> {
          statement.setString(1, token);
          statement.setString(2, WORKER);
          statement.setString(3, subscription);
          statement.setString(4, subscription);
        },
        rows -> Jdbc.first(rows).getBoolean(1));
  }

  private void clearByHand(String subscription, String token) throws SQLException {
    clear(CLEAR_OURS, subscription, token);
  }

  private void clear(String sql, String subscription, String token) throws SQLException {
    int cleared =
        jdbc.update(
            sql,
            statement -> {
              statement.setString(1, subscription);
              statement.setString(2, token);
            });
    Jdbc.require(cleared == 1, "Not held");
  }

  private boolean setAsRustProvider(String subscription, String token) throws SQLException {
    return jdbc.update(
            SET_RUST_PROVIDER,
            statement -> {
              statement.setString(1, token);
              statement.setString(2, WORKER);
              Values.time(statement, 3, Instant.now().plus(HELD));
              statement.setString(4, subscription);
            })
        == 1;
  }

  private void clearAsRustProvider(String subscription, String token) throws SQLException {
    clear(CLEAR_RUST_PROVIDER, subscription, token);
  }

  private boolean setHibernate(String id, String token) {
    return hibernate.withSubscription(
        id,
        subscription -> {
          Instant expiry = subscription.getExternalTokenExpiry();
          boolean free =
              subscription.getExternalToken() == null
                  || (expiry != null && !expiry.isAfter(Instant.now()));
          if (free) {
            subscription.setExternalToken(token);
            subscription.setExternalWorkerId(WORKER);
            subscription.setExternalTokenExpiry(Instant.now().plus(HELD));
          }
          return free;
        });
  }

  private void clearHibernate(String id, String token) {
    Jdbc.require(hibernate.withSubscription(id, held -> clear(held, token)), "Not held");
  }

  private static boolean clear(EventSubscriptionEntity subscription, String token) {
    boolean held = token.equals(subscription.getExternalToken());
    if (held) {
      subscription.setExternalToken(null);
      subscription.setExternalWorkerId(null);
      subscription.setExternalTokenExpiry(null);
    }
    return held;
  }

  private boolean setOurs(String subscription, String token) {
    return world.ours().setSubscriptionToken(subscription, token, WORKER, HELD);
  }

  private void clearOurs(String subscription, String token) {
    world.ours().clearSubscriptionToken(subscription, token);
  }
}
