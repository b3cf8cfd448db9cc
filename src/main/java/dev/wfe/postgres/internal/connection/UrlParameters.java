package dev.wfe.postgres.internal.connection;

import dev.wfe.persistence.InvalidValueException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * The parameters of a connection URL: the driver's, and those of libpq, in which managed databases
 * hand out their URLs, in the driver's words. What is refused is named unless it may be a part of a
 * password.
 */
final class UrlParameters {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_]{1,40}");
  private static final String TARGET_SERVER_TYPE = "targetServerType";

  private static final String FALLBACK_NAME = "fallback_application_name";

  /** Words of libpq for which the driver has another, with the same values. */
  private static final Map<String, String> SAME_VALUES =
      Map.of(
          "application_name",
          "ApplicationName",
          FALLBACK_NAME,
          "ApplicationName",
          "channel_binding",
          "channelBinding",
          "connect_timeout",
          "connectTimeout",
          "gssencmode",
          "gssEncMode",
          "krbsrvname",
          "kerberosServerName",
          "require_auth",
          "requireAuth",
          "sslnegotiation",
          "sslNegotiation");

  /** Words of libpq whose values have other words, too; an empty one is what the driver does. */
  private static final Map<String, Map<String, String>> OTHER_VALUES =
      Map.of(
          "keepalives", Map.of("0", "tcpKeepAlive=false", "1", "tcpKeepAlive=true"),
          "load_balance_hosts",
              Map.of("disable", "loadBalanceHosts=false", "random", "loadBalanceHosts=true"),
          "target_session_attrs",
              Map.of(
                  "any", TARGET_SERVER_TYPE + "=any",
                  "read-write", TARGET_SERVER_TYPE + "=primary",
                  "primary", TARGET_SERVER_TYPE + "=primary",
                  "read-only", TARGET_SERVER_TYPE + "=secondary",
                  "standby", TARGET_SERVER_TYPE + "=secondary",
                  "prefer-standby", TARGET_SERVER_TYPE + "=preferSecondary"),
          "client_encoding", Map.of("utf8", "", "utf-8", "", "unicode", "", "auto", ""),
          "sslcompression", Map.of("0", ""),
          "sslsni", Map.of("1", ""));

  /** Words of libpq for which the driver has none. */
  private static final Set<String> WITHOUT_WORD =
      Set.of(
          "gssdelegation",
          "hostaddr",
          "keepalives_count",
          "keepalives_idle",
          "keepalives_interval",
          "max_protocol_version",
          "min_protocol_version",
          "passfile",
          "requirepeer",
          "servicefile",
          "ssl_max_protocol_version",
          "ssl_min_protocol_version",
          "sslcertmode",
          "sslcrl",
          "sslcrldir",
          "tcp_user_timeout");

  /** Takes a list of its choices. */
  private static final String REQUIRE_AUTH = "requireAuth";

  private UrlParameters() {}

  /**
   * The parameters that the driver does not read from the URL by itself, in its own words.
   *
   * @param url in the driver's form
   * @param named what the driver reads from it
   * @throws InvalidValueException if there is one that the driver does not know
   */
  static Map<String, String> translated(String url, Properties named) {
    Map<String, String> translated = new HashMap<>();
    for (String name : named.stringPropertyNames()) {
      String value = named.getProperty(name);
      PGProperty known = PGProperty.forName(name);
      if (known != null) {
        requireChoice(name, value, known.getChoices());
      } else if (name.equals(FALLBACK_NAME) && named.containsKey("application_name")) {
        // The other one goes before it.
      } else if (SAME_VALUES.containsKey(name)) {
        // To libpq, a negative time is no limit.
        String same = name.equals("connect_timeout") && value.startsWith("-") ? "0" : value;
        put(translated, named, SAME_VALUES.get(name), same);
      } else if (OTHER_VALUES.containsKey(name)) {
        String[] words = translation(name, value).split("=", 2);
        if (words.length == 2) {
          put(translated, named, words[0], words[1]);
        }
      } else {
        throw refusal(unknown(name, url));
      }
    }
    requireHost(named);
    trustSystem(translated, named);
    return translated;
  }

  private static void put(
      Map<String, String> translated, Properties named, @Nullable String name, String value) {
    PGProperty known = name == null ? null : PGProperty.forName(name);
    if (name == null || known == null) {
      throw refusal("has the parameter " + name + ", which this PostgreSQL driver is too old for");
    }
    // The driver's own word goes first.
    if (!named.containsKey(name)) {
      requireChoice(name, value, known.getChoices());
      translated.put(name, value);
    }
  }

  private static void requireChoice(String name, String value, String @Nullable [] choices) {
    if (choices != null
        && !name.equals(REQUIRE_AUTH)
        && Arrays.stream(choices).noneMatch(choice -> choice.equalsIgnoreCase(value))) {
      throw refusal(
          "has the parameter %s with another value than %s"
              .formatted(name, String.join(", ", choices)));
    }
  }

  private static String translation(String name, String value) {
    Map<String, String> words = OTHER_VALUES.getOrDefault(name, Map.of());
    String translation = words.get(value.toLowerCase(Locale.ROOT));
    if (translation == null) {
      throw refusal(
          "has the parameter %s with another value than %s"
              .formatted(name, String.join(", ", words.keySet().stream().sorted().toList())));
    }
    return translation;
  }

  /** The driver connects by TCP; libpq takes a path for the folder of a socket. */
  private static void requireHost(Properties named) {
    String host = String.valueOf(named.getProperty(PGProperty.PG_HOST.getName()));
    boolean isPath =
        host.startsWith("/")
            || host.startsWith("@")
            || host.toUpperCase(Locale.ROOT).startsWith("%2F");
    if (isPath && !named.containsKey(PGProperty.SOCKET_FACTORY.getName())) {
      throw refusal(
          "names a Unix-domain socket, over which the PostgreSQL driver does not connect: name a"
              + " host and a port, or a socketFactory");
    }
  }

  /** What libpq calls {@code system} are the authorities that this JVM trusts. */
  private static void trustSystem(Map<String, String> translated, Properties named) {
    if ("system".equals(named.getProperty(PGProperty.SSL_ROOT_CERT.getName()))) {
      translated.put(PGProperty.SSL_FACTORY.getName(), "org.postgresql.ssl.DefaultJavaSSLFactory");
      if (!named.containsKey(PGProperty.SSL_MODE.getName())) {
        translated.put(PGProperty.SSL_MODE.getName(), "verify-full");
      }
    }
  }

  private static String unknown(String name, String url) {
    if (WITHOUT_WORD.contains(name)) {
      return "has the parameter %s of libpq, for which the PostgreSQL driver has no word: leave it out"
          .formatted(name);
    }
    return mayBeSecret(name, url)
        ? "has a parameter that the PostgreSQL driver does not know; in a password, & is written"
            + " %26, = is %3D and @ is %40"
        : "has the parameter " + name + ", which the PostgreSQL driver does not know";
  }

  /** A password with a special character that was not encoded goes on as other parameters. */
  private static boolean mayBeSecret(String name, String url) {
    boolean afterPassword = false;
    for (String parameter : url.substring(url.indexOf('?') + 1).split("&", -1)) {
      String of = parameter.split("=", 2)[0];
      if (of.equals(name)) {
        return afterPassword
            || !parameter.contains("=")
            || !NAME.matcher(name).matches()
            || url.indexOf('@', url.indexOf('?') + 1) >= 0;
      }
      boolean known =
          PGProperty.forName(of) != null
              || SAME_VALUES.containsKey(of)
              || OTHER_VALUES.containsKey(of);
      afterPassword = of.toLowerCase(Locale.ROOT).contains("password") || (afterPassword && !known);
    }
    return true;
  }

  private static InvalidValueException refusal(String problem) {
    return new InvalidValueException("connect", "", "url", problem);
  }
}
