package shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Database.class)
class ShopTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TestHTTPResource("/")
  URI shop;

  @Inject DataSource database;

  /** Tries again if the host writes at the same time. */
  @AfterEach
  void clear() {
    await()
        .ignoreExceptionsInstanceOf(SQLException.class)
        .untilAsserted(
            () ->
                run(
                    "delete from orders; delete from wfc.execution_pointers;"
                        + " delete from wfc.workflows"));
  }

  @Test
  void anOrderAndItsWorkflowCommitTogether() throws Exception {
    assertThat(post("orders/1001?customer=Ada").statusCode()).isEqualTo(200);

    assertThat(count("orders")).isOne();
    assertThat(count("wfc.workflows where reference = '1001'")).isOne();
    assertThat(get("orders/waiting")).isEqualTo("Ada");
  }

  @Test
  void afterARollbackNeitherIsThere() throws Exception {
    assertThat(post("orders/1002/refused").statusCode()).isEqualTo(500);

    assertThat(count("orders")).isZero();
    assertThat(count("wfc.workflows")).isZero();
  }

  @Test
  void aPaidOrderIsBookedByItsWorkflow() throws Exception {
    post("orders/1001?customer=Ada");
    post("orders/1001/payment?receipt=r-1");

    assertThat(get("orders/1001/receipt")).isEqualTo("r-1");
    assertThat(count("orders where receipt = 'r-1'")).isOne();
  }

  @Test
  void theHostIsCountedAndPartOfTheReadiness() throws Exception {
    post("orders/1001?customer=Ada");
    post("orders/1001/payment?receipt=r-1");

    assertThat(get("orders/1001/receipt")).isEqualTo("r-1");
    await()
        .untilAsserted(
            () ->
                assertThat(get("q/metrics"))
                    .containsPattern("wfe_workflows_completed_total.* [1-9]"));
    assertThat(get("q/health/ready")).contains("\"wfe\"", "\"running\": \"true\"");
    assertThat(get("q/health/live")).contains("UP").doesNotContain("wfe");
  }

  @Test
  void aStalePersistIsReportedAndTheTransactionGoesOn() throws Exception {
    HttpResponse<String> answer = post("orders/1002/stale");

    assertThat(answer.body()).isEqualTo("stale");
    assertThat(count("orders")).isOne();
    assertThat(count("wfc.workflows where status = 'Suspended'")).isOne();
  }

  @Test
  void twoHundredRequestsAtOnceShareTenConnections() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> requests =
        IntStream.range(0, 200)
            .mapToObj(i -> request("orders/%d?customer=Ada".formatted(i)))
            .map(request -> HTTP.sendAsync(request, BodyHandlers.ofString()))
            .toList();

    assertThat(requests)
        .allSatisfy(request -> assertThat(request.get().statusCode()).isEqualTo(200));
    assertThat(count("orders")).isEqualTo(200);
    assertThat(count("wfc.workflows")).isEqualTo(200);
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(shop.resolve(path)).POST(BodyPublishers.noBody()).build();
  }

  private HttpResponse<String> post(String path) throws Exception {
    return HTTP.send(request(path), BodyHandlers.ofString());
  }

  private String get(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(shop.resolve(path)).build();
    return HTTP.send(request, BodyHandlers.ofString()).body();
  }

  private long count(String table) throws SQLException {
    return Long.parseLong(run("select count(*) from " + table));
  }

  private String run(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.execute(sql) ? statement.getResultSet() : null) {
      return rows != null && rows.next() ? rows.getString(1) : "";
    }
  }
}
