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
}
