package dev.wfe.postgres.cdi;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.config.ConfigProvider;

/** Where settings come from. */
final class Sources {
  private Sources() {}

  /** MicroProfile Config where there is one; else system properties, then the environment. */
  static Function<String, Optional<String>> found() {
    try {
      return MicroProfile.config();
    } catch (NoClassDefFoundError | IllegalStateException none) {
      return Sources::ofTheSystem;
    }
  }

  /** As MicroProfile Config looks them up: {@code wfe.pool.size} is {@code WFE_POOL_SIZE} too. */
  private static Optional<String> ofTheSystem(String key) {
    return Optional.ofNullable(System.getProperty(key))
        .or(() -> Optional.ofNullable(System.getenv(environmentName(key))))
        .filter(value -> !value.isEmpty());
  }

  static String environmentName(String key) {
    return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }

  /** Loaded only where its API is. */
  private static final class MicroProfile {
    static Function<String, Optional<String>> config() {
      var config = ConfigProvider.getConfig();
      return key -> config.getOptionalValue(key, String.class);
    }
  }
}
