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
 * Translates the parameters of a connection URL to driver properties. Parameters of the driver are
 * checked; parameters of libpq, which the URLs of managed databases use, are translated. An error
 * names the rejected parameter unless the name may be a part of a password. Thread-safe.
 */
final class UrlParameters {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_]{1,40}");
  private static final String TARGET_SERVER_TYPE = "targetServerType";

  private static final String FALLBACK_NAME = "fallback_application_name";

  /** Parameters of libpq that the driver has under another name, with the same values. */
  private static final Map<String, String> RENAMED_PARAMETERS =
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

  /**
   * Parameters of libpq whose values have to be translated too. An empty translation means that the
   * driver behaves so by default.
   */
  private static final Map<String, Map<String, String>> TRANSLATED_VALUES =
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

  /** Parameters of libpq that the driver does not support. */
  private static final Set<String> UNSUPPORTED_PARAMETERS =
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

  /** Its value is a list of choices, so it is not checked against the single choices. */
  private static final String REQUIRE_AUTH = "requireAuth";

  private UrlParameters() {}

  /**
   * Returns the driver properties that the driver does not read from the URL by itself.
   *
   * @param url the URL in the driver's form
   * @param named the properties that the driver read from the URL
   * @throws InvalidValueException if a parameter is unknown or has an invalid value
   */
  static Map<String, String> translated(String url, Properties named) {
    Map<String, String> translated = new HashMap<>();
    for (String name : named.stringPropertyNames()) {
      String value = named.getProperty(name);
      PGProperty known = PGProperty.forName(name);
      if (known != null) {
        requireChoice(name, value, known.getChoices());
      } else if (name.equals(FALLBACK_NAME) && named.containsKey("application_name")) {
        // application_name takes precedence.
      } else if (RENAMED_PARAMETERS.containsKey(name)) {
        // libpq takes a negative time as no limit; the driver needs 0.
        String same = name.equals("connect_timeout") && value.startsWith("-") ? "0" : value;
        put(translated, named, RENAMED_PARAMETERS.get(name), same);
      } else if (TRANSLATED_VALUES.containsKey(name)) {
        String[] property = translation(name, value).split("=", 2);
        if (property.length == 2) {
          put(translated, named, property[0], property[1]);
        }
      } else {
        throw invalidUrl(unknownParameter(name, url));
      }
    }
    requireHost(named);
    translateSystemRootCert(translated, named);
    return translated;
  }

  private static void put(
      Map<String, String> translated, Properties named, @Nullable String name, String value) {
    PGProperty known = name == null ? null : PGProperty.forName(name);
    if (name == null || known == null) {
      throw invalidUrl(
          "has the parameter "
              + name
              + ", which this version of the PostgreSQL driver does not support: upgrade the"
              + " driver");
    }
    // The driver's own parameter takes precedence over the one of libpq.
    if (!named.containsKey(name)) {
      requireChoice(name, value, known.getChoices());
      translated.put(name, value);
    }
  }

  private static void requireChoice(String name, String value, String @Nullable [] choices) {
    if (choices != null
        && !name.equals(REQUIRE_AUTH)
        && Arrays.stream(choices).noneMatch(choice -> choice.equalsIgnoreCase(value))) {
      throw invalidUrl(
          "has the parameter %s with an invalid value: use one of %s"
              .formatted(name, String.join(", ", choices)));
    }
  }

  private static String translation(String name, String value) {
    Map<String, String> translations = TRANSLATED_VALUES.getOrDefault(name, Map.of());
    String translation = translations.get(value.toLowerCase(Locale.ROOT));
    if (translation == null) {
      throw invalidUrl(
          "has the parameter %s with an invalid value: use one of %s"
              .formatted(
                  name, String.join(", ", translations.keySet().stream().sorted().toList())));
    }
    return translation;
  }

  /**
   * The driver connects by TCP only. A path as host would mean a Unix-domain socket, as in libpq.
   */
  private static void requireHost(Properties named) {
    String host = String.valueOf(named.getProperty(PGProperty.PG_HOST.getName()));
    boolean isPath =
        host.startsWith("/")
            || host.startsWith("@")
            || host.toUpperCase(Locale.ROOT).startsWith("%2F");
    if (isPath && !named.containsKey(PGProperty.SOCKET_FACTORY.getName())) {
      throw invalidUrl(
          "names a Unix-domain socket, which the PostgreSQL driver does not support: name a host"
              + " and a port, or set socketFactory");
    }
  }

  /**
   * Translates libpq's {@code sslrootcert=system} to the certificate authorities that this JVM
   * trusts.
   */
  private static void translateSystemRootCert(Map<String, String> translated, Properties named) {
    if ("system".equals(named.getProperty(PGProperty.SSL_ROOT_CERT.getName()))) {
      translated.put(PGProperty.SSL_FACTORY.getName(), "org.postgresql.ssl.DefaultJavaSSLFactory");
      if (!named.containsKey(PGProperty.SSL_MODE.getName())) {
        translated.put(PGProperty.SSL_MODE.getName(), "verify-full");
      }
    }
  }

  private static String unknownParameter(String name, String url) {
    if (UNSUPPORTED_PARAMETERS.contains(name)) {
      return "has the parameter %s of libpq, which the PostgreSQL driver does not support: remove it"
          .formatted(name);
    }
    return mayBeSecret(name, url)
        ? "has a parameter that the PostgreSQL driver does not know; percent-encode the password:"
            + " & as %26, = as %3D, @ as %40"
        : "has the parameter " + name + ", which the PostgreSQL driver does not know";
  }

  /**
   * Whether the name may be a part of a password: an unencoded special character splits a password,
   * and its rest looks like further parameters.
   */
  private static boolean mayBeSecret(String name, String url) {
    boolean afterPassword = false;
    for (String parameter : url.substring(url.indexOf('?') + 1).split("&", -1)) {
      String otherName = parameter.split("=", 2)[0];
      if (otherName.equals(name)) {
        return afterPassword
            || !parameter.contains("=")
            || !NAME.matcher(name).matches()
            || url.indexOf('@', url.indexOf('?') + 1) >= 0;
      }
      boolean known =
          PGProperty.forName(otherName) != null
              || RENAMED_PARAMETERS.containsKey(otherName)
              || TRANSLATED_VALUES.containsKey(otherName);
      afterPassword =
          otherName.toLowerCase(Locale.ROOT).contains("password") || (afterPassword && !known);
    }
    return true;
  }

  private static InvalidValueException invalidUrl(String problem) {
    return new InvalidValueException("connect", "", "url", problem);
  }
}
