package dev.wfe.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.PersistenceProvider;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@link Operations} lists every operation. */
final class OperationsTest {
  private static final List<String> OTHERS =
      List.of("onWorkDue", "ensureStoreExists", "supportsScheduledCommands");

  @Test
  void everyOperationIsListed() {
    List<String> operations =
        Operations.all().keySet().stream()
            .map(operation -> operation.replaceFirst(",.*", ""))
            .toList();

    assertThat(Arrays.stream(PersistenceProvider.class.getMethods()).map(Method::getName))
        .filteredOn(operation -> !OTHERS.contains(operation))
        .isSubsetOf(operations);
  }
}
