package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The findings themselves: {@code StoreDiagnosisTest}. */
@ExtendWith(TestDatabaseExtension.class)
final class DoctorTest {
  private final TestDatabase database;
  private final CliRun.With wfe;

  DoctorTest(TestDatabase database) {
    this.database = database;
    this.wfe = CliRun.With.url(database.url());
  }

  @Test
  void findingComesWithReasonAndRemedyAndExitCodeOne() throws IOException {
    database.execute("drop index wfc.idx_workflows_claim");
    CliRun table = wfe.run("doctor");
    assertThat(table.exitCode()).isEqualTo(1);
    assertThat(table.out())
        .contains(
            "warning   missing-index: The index idx_workflows_claim is missing",
            "> create index concurrently \"idx_workflows_claim\"",
            "To be done: ");
    CliRun json = wfe.run("doctor", "-o", "json");
    JsonNode rows = new ObjectMapper().readTree(json.out()).get("rows");
    assertThat(rows.findValuesAsText("check")).contains("missing-index", "server");
    assertThat(wfe.run("doctor", "-o", "csv").out()).startsWith("severity,check,finding");
  }

  @Test
  void invalidAgeIsRefused() {
    assertThat(wfe.run("doctor", "--transactions", "soon").exitCode()).isEqualTo(2);
  }
}
