package shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class ShopTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @LocalServerPort int port;
  @Autowired Shop shop;
  @Autowired PersistenceProvider workflows;
  @Autowired WorkflowHost host;
  @Autowired MeterRegistry meters;
  @Autowired Workflow<Purchase> execution;

  @DynamicPropertySource
  static void database(DynamicPropertyRegistry properties) {
    properties.add("spring.datasource.url", () -> Database.url("postgres"));
  }

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
    assertThat(post("orders/1001?customer=Ada").body()).isEqualTo("RUNNABLE");

    assertThat(count("orders")).isOne();
    assertThat(count("wfc.workflows where reference = '1001'")).isOne();
    assertThat(get("orders/waiting")).isEqualTo("[\"Ada\"]");
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

    assertThat(host.awaitEnd(execution, "1001", Duration.ofMinutes(1)).data().receipt())
        .isEqualTo("r-1");
    assertThat(count("orders where receipt = 'r-1'")).isOne();
  }

  @Test
  void theHostIsCountedAndPartOfTheReadiness() throws Exception {
    post("orders/1001?customer=Ada");
    post("orders/1001/payment?receipt=r-1");

    host.awaitEnd(execution, "1001", Duration.ofMinutes(1));
    await()
        .untilAsserted(
            () -> assertThat(meters.get("wfe.workflows.completed").counter().count()).isPositive());
    assertThat(get("actuator/health/readiness")).contains("\"wfe\":{\"status\":\"UP\"}");
    assertThat(get("actuator/health/liveness")).contains("UP").doesNotContain("wfe");
  }

  @Test
  void aStalePersistIsReportedAndTheTransactionGoesOn() throws Exception {
    WorkflowInstance read = workflows.create(WorkflowInstance.builder("manual", 1).build());
    workflows.persistWorkflow(read.toBuilder().status(WorkflowStatus.SUSPENDED).build());

    assertThat(shop.complete(read, new Order("1002", "Grace"))).isFalse();

    assertThat(count("orders")).isOne();
    assertThat(workflows.getWorkflowInstance(read.id()).status())
        .isEqualTo(WorkflowStatus.SUSPENDED);
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
    return HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.noBody()).build();
  }

  private URI uri(String path) {
    return URI.create("http://localhost:%d/%s".formatted(port, path));
  }

  private HttpResponse<String> post(String path) throws Exception {
    return HTTP.send(request(path), BodyHandlers.ofString());
  }

  private String get(String path) throws Exception {
    return HTTP.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString()).body();
  }

  private static long count(String table) throws SQLException {
    return Long.parseLong(run("select count(*) from " + table));
  }

  private static String run(String sql) throws SQLException {
    return Database.run("postgres", sql);
  }
}
