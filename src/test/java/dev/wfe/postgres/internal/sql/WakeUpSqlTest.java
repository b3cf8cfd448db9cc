package dev.wfe.postgres.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The channel of a store. */
final class WakeUpSqlTest {
  private static String channel(String schema, String prefix) {
    return new WakeUpSql(new StoreNames(schema, prefix)).channel;
  }

  @Test
  void everyStoreHasAChannelOfItsOwn() {
    String longest = "s".repeat(63);
    List<String> channels =
        List.of(
            channel("wfc", ""),
            channel("wfc", "a_"),
            channel("wfca_", ""),
            channel("WFC", ""),
            channel("s".repeat(58), ""),
            channel("s".repeat(59), ""),
            channel(longest, ""),
            channel(longest, "p".repeat(28)),
            channel(longest, "p".repeat(27)));
    assertThat(channels)
        .doesNotHaveDuplicates()
        .allSatisfy(channel -> assertThat(channel).hasSizeLessThanOrEqualTo(63));
    assertThat(channels.get(0)).isEqualTo("wfe.wfc.");
  }

  @Test
  void aLongNameHasTheSameChannelInAllProcesses() {
    assertThat(channel("s".repeat(63), "")).isEqualTo("wfe.b999bd8a9e0f2a4a16376034f8c08bde");
  }
}
