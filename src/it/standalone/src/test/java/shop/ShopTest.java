package shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.tck.postgres.DeployedStoreContract;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ShopTest {
  private static final String URL = "jdbc:postgresql://localhost:%d/%s?user=postgres";

  /** The classes whose objects a start opens. */
  private static final List<String> OPENED =
      List.of(
          "shop.Shop",
          "dev.wfe.postgres.PostgresPersistenceProvider",
          "org.hibernate.internal.SessionFactoryImpl",
          "com.zaxxer.hikari.HikariDataSource");

  /** A line of the class histogram: number, count of objects, bytes, class. */
  private static final Pattern HISTOGRAM_LINE =
      Pattern.compile("^ *\\d+: +(\\d+) +\\d+ +(\\S+)", Pattern.MULTILINE);

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static EmbeddedPostgres server;
  private static String url;

  private Shop shop;

  @BeforeAll
  static void startServer() throws Exception {
    server = EmbeddedPostgres.start();
    run("create database shop", "postgres");
    url = URL.formatted(server.getPort(), "shop");
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @BeforeEach
  void open() {
    shop = Shop.open(url);
  }

  @AfterEach
  void close() throws Exception {
    shop.close();
    run("truncate orders, wfc.workflows cascade", "shop");
  }

  @Test
  void anOrderAndItsWorkflowCommitTogether() throws Exception {
    String workflow = shop.place(new Order("1001", "Ada"));

    assertThat(count("orders")).isOne();
    assertThat(shop.workflows.getWorkflowInstance(workflow).reference()).isEqualTo("1001");
    assertThat(shop.customersWaiting()).containsExactly("Ada");
  }

  @Test
  void afterARollbackNeitherIsThere() throws Exception {
    shop.place(new Order("1001", "Ada"));

    assertThatThrownBy(
            () ->
                shop.sessions.inTransaction(
                    session -> {
                      session.persist(new Order("1002", "Grace"));
                      shop.host
                          .using(shop.workflows.within(session))
                          .startWorkflow(shop.execution, new Purchase("1002", null));
                      throw new IllegalStateException("out of stock");
                    }))
        .hasMessage("out of stock");

    assertThat(count("orders")).isOne();
    assertThat(count("wfc.workflows")).isOne();
  }

  @Test
  void aPaidOrderIsBookedByItsWorkflow() throws Exception {
    shop.place(new Order("1001", "Ada"));
    shop.pay("1001", "r-1");

    assertThat(shop.host.awaitEnd(shop.execution, "1001", LIMIT).data().receipt()).isEqualTo("r-1");
    assertThat(count("orders where receipt = 'r-1'")).isOne();
  }

  @Test
  void aWaitingWorkflowGoesOnAfterARestart() throws Exception {
    shop.place(new Order("1001", "Ada"));
    shop.close();
    shop = Shop.open(url);
    shop.pay("1001", "r-1");

    assertThat(shop.host.awaitEnd(shop.execution, "1001", LIMIT).status())
        .isEqualTo(WorkflowStatus.COMPLETE);
    assertThat(count("orders where receipt = 'r-1'")).isOne();
  }

  @Test
  void aStalePersistIsReportedAndTheTransactionGoesOn() throws Exception {
    WorkflowInstance read = shop.workflows.create(WorkflowInstance.builder("manual", 1).build());
    shop.workflows.persistWorkflow(read.toBuilder().status(WorkflowStatus.SUSPENDED).build());

    WorkflowInstance stale = read.toBuilder().status(WorkflowStatus.COMPLETE).build();
    shop.sessions.inTransaction(
        session -> {
          session.persist(new Order("1002", "Grace"));
          assertThatThrownBy(() -> shop.workflows.within(session).persistWorkflow(stale))
              .isInstanceOf(StaleRevisionException.class);
        });

    assertThat(count("orders")).isOne();
    assertThat(shop.workflows.getWorkflowInstance(read.id()).status())
        .isEqualTo(WorkflowStatus.SUSPENDED);
  }

  @Test
  void twoHundredAtOnceShareTenConnections() throws Exception {
    List<Callable<String>> requests = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Order order = new Order("order-" + i, "Ada");
      requests.add(() -> shop.place(order));
    }
    ExecutorService callers = Executors.newFixedThreadPool(requests.size());
    for (Future<String> placed : callers.invokeAll(requests)) {
      placed.get();
    }
    callers.shutdown();

    assertThat(count("orders")).isEqualTo(200);
    assertThat(count("wfc.workflows")).isEqualTo(200);
  }

  @Test
  void startedTenTimesItLeavesNothingBehind() throws Exception {
    shop.close();
    // JDK 17 creates a class for a reflective call at its sixteenth use.
    startTimes(20, 1000);
    Set<Thread> threads = Thread.getAllStackTraces().keySet();
    Map<String, Integer> objects = liveObjects();
    int classes = loadedClasses();
    startTimes(10, 2000);
    Map<String, Integer> objectsNow = liveObjects();
    int newClasses = loadedClasses() - classes;

    assertThat(count("orders")).isEqualTo(30);
    assertThat(connections()).isZero();
    assertThat(Thread.getAllStackTraces().keySet()).isSubsetOf(threads);
    assertThat(objectsNow).containsKey(ShopTest.class.getName());
    assertThat(OPENED)
        .allSatisfy(
            name ->
                assertThat(objectsNow.getOrDefault(name, 0))
                    .isLessThanOrEqualTo(objects.getOrDefault(name, 0)));
    // Each start creates about 70 classes, which are unloaded; those of the last one perhaps later.
    assertThat(newClasses).isLessThan(100);
  }

  @Test
  void itRunsAsAModule() throws Exception {
    Process main =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--module-path",
                System.getProperty("java.class.path"),
                "--add-modules",
                "ALL-MODULE-PATH",
                "--add-reads",
                "org.jboss.logging=java.logging",
                "--module",
                "shop/shop.Main",
                url,
                "1001")
            .redirectErrorStream(true)
            .start();
    String output = new String(main.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(main.waitFor()).as(output).isZero();
    assertThat(output).contains("Waiting: [Ada]");
  }

  /** Validates the store, as a build does before it deploys to a database. */
  @Nested
  class DeployedStoreTest extends DeployedStoreContract {
    @Override
    protected PostgresPersistenceProvider deployedStore() {
      return PostgresPersistenceProvider.connect(url);
    }
  }

  private static void startTimes(int starts, int firstOrder) {
    for (int i = 0; i < starts; i++) {
      Main.main(new String[] {url, Integer.toString(firstOrder + i)});
    }
  }

  private static int loadedClasses() {
    System.gc();
    return ManagementFactory.getClassLoadingMXBean().getLoadedClassCount();
  }

  /** The number of reachable objects of each class. */
  private static Map<String, Integer> liveObjects() throws Exception {
    Object histogram =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
    return HISTOGRAM_LINE
        .matcher(histogram.toString())
        .results()
        .collect(
            Collectors.toMap(
                line -> line.group(2), line -> Integer.valueOf(line.group(1)), Integer::sum));
  }

  private static long connections() throws SQLException {
    return count("pg_stat_activity where datname = 'shop' and pid <> pg_backend_pid()");
  }

  private static long count(String table) throws SQLException {
    return Long.parseLong(run("select count(*) from " + table, "shop"));
  }

  private static String run(String sql, String database) throws SQLException {
    try (Connection connection = server.getDatabase("postgres", database).getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.execute(sql) ? statement.getResultSet() : null) {
      return rows != null && rows.next() ? rows.getString(1) : "";
    }
  }
}
