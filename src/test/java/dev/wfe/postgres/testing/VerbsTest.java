package dev.wfe.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.PersistenceProvider;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What runs every verb does leave none out. */
final class VerbsTest {
  private static final List<String> OTHERS =
      List.of("ensureStoreExists", "supportsScheduledCommands");

  @Test
  void everyVerbIsAmongThem() {
    List<String> verbs =
        Verbs.all().keySet().stream().map(verb -> verb.replaceFirst(",.*", "")).toList();

    assertThat(Arrays.stream(PersistenceProvider.class.getMethods()).map(Method::getName))
        .filteredOn(verb -> !OTHERS.contains(verb))
        .isSubsetOf(verbs);
  }
}
