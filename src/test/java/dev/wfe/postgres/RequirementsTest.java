package dev.wfe.postgres;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.StoreSetupException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RequirementsTest {
  @Test
  void anotherProductIsRefused() {
    assertThatThrownBy(() -> Requirements.requireProduct("H2"))
        .isInstanceOf(StoreSetupException.class)
        .hasMessage("The database is H2, not PostgreSQL");
    assertThatCode(() -> Requirements.requireProduct("PostgreSQL")).doesNotThrowAnyException();
  }

  @Test
  void anOlderVersionIsRefused() {
    assertThatThrownBy(() -> Requirements.requireVersion(13_00_22))
        .isInstanceOf(StoreSetupException.class)
        .hasMessage("PostgreSQL 13 is too old; the oldest supported is 14");
  }

  @ParameterizedTest
  @ValueSource(ints = {14_00_00, 17_00_11, 18_00_01})
  void everyLaterVersionWillDo(int versionNumber) {
    assertThatCode(() -> Requirements.requireVersion(versionNumber)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"repeatable read", "serializable", "read uncommitted"})
  void anotherIsolationIsRefused(String isolation) {
    assertThatThrownBy(() -> Requirements.requireIsolation(isolation))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining("the store needs READ COMMITTED");
  }
}
