package dev.wfe.postgres.testing;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Which PostgreSQL the tests run on. */
public enum ServerChoice {
  /** The server that {@code WFE_PG_TEST_URL} names. */
  GIVEN,
  /** A container, where a Docker engine answers. */
  CONTAINER,
  /** A server of our own, unpacked from a jar. */
  EMBEDDED;

  /** The environment variable that names a server. */
  public static final String VARIABLE = "WFE_PG_TEST_URL";

  /** Whether the environment names a server, which outlives this process. */
  static boolean isGiven() {
    return of(System.getenv(VARIABLE), () -> false) == GIVEN;
  }

  /** Asks the Docker engine only if no server is given. */
  static ServerChoice of(@Nullable String givenUrl, BooleanSupplier dockerAnswers) {
    if (givenUrl != null && !givenUrl.isBlank()) {
      return GIVEN;
    }
    return dockerAnswers.getAsBoolean() ? CONTAINER : EMBEDDED;
  }
}
