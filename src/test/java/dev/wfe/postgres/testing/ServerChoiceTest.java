package dev.wfe.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ServerChoiceTest {
  @Test
  void aGivenServerIsUsedAndDockerIsNotAsked() {
    ServerChoice choice =
        ServerChoice.of(
            "postgresql://db/wfe",
            () -> {
              throw new AssertionError("asked");
            });

    assertThat(choice).isEqualTo(ServerChoice.GIVEN);
  }

  @Test
  void aContainerIsUsedWhereDockerAnswers() {
    assertThat(ServerChoice.of(null, () -> true)).isEqualTo(ServerChoice.CONTAINER);
    assertThat(ServerChoice.of(" ", () -> true)).isEqualTo(ServerChoice.CONTAINER);
  }

  @Test
  void theEmbeddedServerIsUsedWhereNothingElseIsThere() {
    assertThat(ServerChoice.of(null, () -> false)).isEqualTo(ServerChoice.EMBEDDED);
  }

  @Test
  void aGivenServerMayBeNamedAsOtherToolsDo() {
    assertThat(TestServer.jdbcUrl("postgresql://wfe:a%26b@db:5433/wfe_test?sslmode=disable"))
        .isEqualTo("jdbc:postgresql://db:5433/wfe_test?sslmode=disable&user=wfe&password=a%26b");
    assertThat(TestServer.jdbcUrl("postgres://db/wfe")).isEqualTo("jdbc:postgresql://db/wfe?");
    assertThat(TestServer.jdbcUrl("jdbc:postgresql:wfe")).isEqualTo("jdbc:postgresql:wfe");
  }
}
