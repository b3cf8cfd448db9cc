package dev.wfe.postgres.internal.sql;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The statements that tell hosts that work is due, on the store's channel. The payload of a
 * notification names the provider that sent it; it is empty if a caller's transaction did.
 * Thread-safe.
 */
public final class WakeUpSql {
  private static final int MAX_CHANNEL_BYTES = 63;
  private static final String FAMILY = "wfe.";

  /** The channel of the store: the same in all processes, and different from other stores'. */
  public final String channel;

  /**
   * Sends the notification of a provider. Does not wait until the commit is on disk, and not long
   * for other transactions that notify: who gets none polls.
   */
  public final NamedSql send;

  /** Sends a notification as part of a caller's transaction. */
  public final String sendWithCommit;

  /** Begins to listen. */
  public final String listen;

  /** Ends listening. */
  public final String unlisten;

  /** Compiles the statements for the store. */
  public WakeUpSql(StoreNames names) {
    channel = channel(names);
    String quoted = StoreNames.quote(channel);
    send =
        new NamedSql(
            names,
            """
            select pg_catalog.set_config('synchronous_commit', 'off', true),
              pg_catalog.set_config('lock_timeout', '1s', true),
              pg_catalog.pg_notify(:channel, :sender)
            """);
    sendWithCommit = "notify " + quoted;
    listen = "listen " + quoted;
    unlisten = "unlisten " + quoted;
  }

  /**
   * Names of stores contain no dot, so the channels of two stores differ. Those of long names are
   * hashes, which contain one dot; the others contain two.
   */
  private static String channel(StoreNames names) {
    String store = names.schema() + "." + names.prefix();
    String name = FAMILY + store;
    return name.length() <= MAX_CHANNEL_BYTES ? name : FAMILY + hash(store);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, digest.length / 2);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
