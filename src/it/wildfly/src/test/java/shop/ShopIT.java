package shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jboss.as.controller.client.helpers.Operations;
import org.jboss.dmr.ModelNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wildfly.core.launcher.StandaloneCommandBuilder;
import org.wildfly.plugin.tools.Deployment;
import org.wildfly.plugin.tools.DeploymentResult;
import org.wildfly.plugin.tools.UndeployDescription;
import org.wildfly.plugin.tools.server.Configuration;
import org.wildfly.plugin.tools.server.ServerManager;

class ShopIT {
  private static final int PORT_OFFSET = freePort() - 8080;
  private static final Path SERVER = Path.of("target/server");
  private static final Path WAR = Path.of("target/shop.war");
  private static final String SETTINGS = "WEB-INF/classes/META-INF/microprofile-config.properties";
  private static final String UNIT = "WEB-INF/classes/META-INF/persistence.xml";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static EmbeddedPostgres database;
  private static ServerManager server;

  @BeforeAll
  static void start() throws Exception {
    database = EmbeddedPostgres.start();
    run("create role shop login superuser");
    String url = "jdbc:postgresql://localhost:%d/postgres?user=shop";
    server =
        ServerManager.start(
            Configuration.create(
                    StandaloneCommandBuilder.of(SERVER)
                        .addJavaOption("-Dshop.url=" + url.formatted(database.getPort()))
                        .addJavaOption("-Djboss.socket.binding.port-offset=" + PORT_OFFSET))
                .managementPort(9990 + PORT_OFFSET)
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target/server.log")));
    server.waitFor(60);
    server.deploymentManager().forceDeploy(Deployment.of(WAR)).assertSuccess();
  }

  @AfterAll
  static void stop() throws Exception {
    server.shutdown(30);
    database.close();
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
    assertThat(post("shop/api/orders/1001?customer=Ada").statusCode()).isEqualTo(200);

    assertThat(count("orders")).isOne();
    assertThat(count("wfc.workflows where reference = '1001'")).isOne();
    assertThat(get("shop/api/orders/waiting")).isEqualTo("Ada");
    assertThat(get("shop/api/orders/1001/workflow")).contains("\"order\" : \"1001\"");
  }

  @Test
  void afterARollbackNeitherIsThere() throws Exception {
    assertThat(post("shop/api/orders/1002/refused").statusCode()).isEqualTo(500);

    assertThat(count("orders")).isZero();
    assertThat(count("wfc.workflows")).isZero();
  }

  @Test
  void aPaidOrderIsBookedByItsWorkflow() throws Exception {
    post("shop/api/orders/1001?customer=Ada");
    post("shop/api/orders/1001/payment?receipt=r-1");

    assertThat(get("shop/api/orders/1001/receipt")).isEqualTo("r-1");
    assertThat(count("orders where receipt = 'r-1'")).isOne();
  }

  @Test
  void aWaitingWorkflowGoesOnAfterARedeployment() throws Exception {
    post("shop/api/orders/1001?customer=Ada");
    server.deploymentManager().redeploy(Deployment.of(WAR)).assertSuccess();
    post("shop/api/orders/1001/payment?receipt=r-1");

    assertThat(get("shop/api/orders/1001/receipt")).isEqualTo("r-1");
  }

  @Test
  void aStalePersistIsReportedAndTheTransactionGoesOn() throws Exception {
    HttpResponse<String> answer = post("shop/api/orders/1002/stale");

    assertThat(answer.body()).isEqualTo("stale");
    assertThat(count("orders")).isOne();
    assertThat(count("wfc.workflows where status = 'Suspended'")).isOne();
  }

  @Test
  void twoHundredRequestsAtOnceShareTenConnections() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> requests =
        IntStream.range(0, 200)
            .mapToObj(i -> request("shop/api/orders/%d?customer=Ada".formatted(i)))
            .map(request -> HTTP.sendAsync(request, BodyHandlers.ofString()))
            .toList();

    assertThat(requests)
        .allSatisfy(request -> assertThat(request.get().statusCode()).isEqualTo(200));
    assertThat(count("orders")).isEqualTo(200);
    assertThat(count("wfc.workflows")).isEqualTo(200);
  }

  @Test
  void twoDeploymentsShareOneStore() throws Exception {
    Deployment second = Deployment.of(WAR).setName("second.war").setRuntimeName("second.war");
    server.deploy(second);
    try {
      post("shop/api/orders/1001?customer=Ada");
      post("second/api/orders/1002?customer=Grace");

      assertThat(get("shop/api/orders/waiting")).isEqualTo("Ada,Grace");
      assertThat(get("second/api/orders/waiting")).isEqualTo("Ada,Grace");
    } finally {
      server.undeploy(second);
    }
  }

  @Test
  void deployedTenTimesItLeavesNothingBehind() throws Exception {
    deployTimes(3);
    int threads = platform("threading", "thread-count");
    int classes = platform("class-loading", "loaded-class-count");
    deployTimes(10);

    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              collectGarbage();
              // If each start left one behind, there would be ten.
              assertThat(platform("threading", "thread-count")).isLessThan(threads + 10);
              assertThat(count("pg_stat_activity where usename = 'shop'")).isLessThanOrEqualTo(10);
              // A deployment has 1,200 classes. java.lang.runtime.ObjectMethods may keep three
              // deployments: the last record class for each of equals, hashCode and toString.
              assertThat(platform("class-loading", "loaded-class-count"))
                  .isLessThan(classes + 5 * 1_200);
            });
  }

  @Test
  void aDeploymentThatNamesTheDataSourceJoinsTheTransactionToo() throws Exception {
    Path war = copy("source.war", "wfe.datasource.jndi=java:jboss/datasources/ShopDS");
    server.deploymentManager().deploy(Deployment.of(war)).assertSuccess();
    try {
      assertThat(post("source/api/orders/1001?customer=Ada").statusCode()).isEqualTo(200);
      assertThat(post("source/api/orders/1002/refused").statusCode()).isEqualTo(500);

      assertThat(count("orders")).isOne();
      assertThat(count("wfc.workflows where reference = '1001'")).isOne();
      assertThat(count("wfc.workflows")).isOne();
    } finally {
      server.deploymentManager().undeploy(UndeployDescription.of("source.war")).assertSuccess();
    }
  }

  @Test
  void aDeploymentThatNamesNoStoreFailsAndSaysWhatToSet() throws Exception {
    Path war = copy("nowhere.war", "");
    try {
      DeploymentResult result = server.deploymentManager().deploy(Deployment.of(war));

      assertThat(result.successful()).isFalse();
      assertThat(result.getFailureMessage())
          .contains("The location of the workflow store is not configured; set exactly one of");
    } finally {
      server.deploymentManager().undeploy(UndeployDescription.of("nowhere.war"));
    }
  }

  /** Drops the shop's own table. The shop creates it again. */
  @Test
  void aUnitThatCreatesAndDropsItsTablesLeavesTheStoreAlone() throws Exception {
    post("shop/api/orders/1001?customer=Ada");
    Path war =
        copy(
            "dropping.war",
            UNIT,
            unit ->
                unit.replaceAll("(?s)<properties>.*</properties>", "")
                    .replace(
                        "</persistence-unit>",
                        """
                        <properties>
                          <property name="hibernate.hbm2ddl.auto" value="create-drop"/>
                        </properties>
                        </persistence-unit>
                        """));
    try {
      server.deploymentManager().deploy(Deployment.of(war)).assertSuccess();
      assertThat(post("dropping/api/orders/1002?customer=Grace").statusCode()).isEqualTo(200);
      server.deploymentManager().undeploy(UndeployDescription.of("dropping.war")).assertSuccess();

      assertThat(run("select to_regclass('orders')")).isNull();
      assertThat(count("wfc.workflows where reference in ('1001', '1002')")).isEqualTo(2);
    } finally {
      server.deploymentManager().redeploy(Deployment.of(WAR)).assertSuccess();
    }
  }

  /** Builds the shop with other settings. */
  private static Path copy(String name, String settings) throws IOException {
    return copy(name, SETTINGS, before -> settings);
  }

  /** Builds the shop with another file. */
  private static Path copy(String name, String file, UnaryOperator<String> change)
      throws IOException {
    Path war = Files.copy(WAR, WAR.resolveSibling(name), StandardCopyOption.REPLACE_EXISTING);
    try (FileSystem files = FileSystems.newFileSystem(war)) {
      Path changed = files.getPath(file);
      Files.writeString(changed, change.apply(Files.readString(changed)));
    }
    return war;
  }

  private static void deployTimes(int times) throws Exception {
    for (int i = 0; i < times; i++) {
      server.deploymentManager().redeploy(Deployment.of(WAR)).assertSuccess();
      assertThat(post("shop/api/orders/%s?customer=Ada".formatted(UUID.randomUUID())).statusCode())
          .isEqualTo(200);
      collectGarbage();
    }
  }

  private static void collectGarbage() throws IOException {
    server.executeOperation(
        Operations.createOperation(
            "gc", Operations.createAddress("core-service", "platform-mbean", "type", "memory")));
  }

  /** An attribute of the server's virtual machine. */
  private static int platform(String type, String attribute) throws Exception {
    ModelNode address = Operations.createAddress("core-service", "platform-mbean", "type", type);
    return server
        .executeOperation(Operations.createReadAttributeOperation(address, attribute))
        .asInt();
  }

  private static HttpRequest request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://localhost:%d/%s".formatted(8080 + PORT_OFFSET, path)))
        .POST(BodyPublishers.noBody())
        .build();
  }

  private static HttpResponse<String> post(String path) throws Exception {
    return HTTP.send(request(path), BodyHandlers.ofString());
  }

  private static String get(String path) throws Exception {
    URI uri = request(path).uri();
    return HTTP.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static long count(String table) throws SQLException {
    return Long.parseLong(run("select count(*) from " + table));
  }

  private static String run(String sql) throws SQLException {
    try (Connection connection = database.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.execute(sql) ? statement.getResultSet() : null) {
      return rows != null && rows.next() ? rows.getString(1) : "";
    }
  }
}
