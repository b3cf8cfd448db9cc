package shop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

class RestartTest {
  /** The classes whose objects a start opens. */
  private static final List<String> OPENED =
      List.of(
          "dev.wfe.postgres.PostgresPersistenceProvider",
          "org.hibernate.internal.SessionFactoryImpl",
          "com.zaxxer.hikari.HikariDataSource");

  /** A line of the class histogram: number, count of objects, bytes, class. */
  private static final Pattern HISTOGRAM_LINE =
      Pattern.compile("^ *\\d+: +(\\d+) +\\d+ +(\\S+)", Pattern.MULTILINE);

  @Test
  void startedTenTimesItLeavesNothingBehind() throws Exception {
    Database.run("postgres", "create database restarts");
    // JDK 17 creates a class for a reflective call at its sixteenth use.
    startTimes(20, 1000);
    Set<Thread> threads = Thread.getAllStackTraces().keySet();
    Map<String, Integer> objects = liveObjects();
    int classes = loadedClasses();
    startTimes(10, 2000);
    Map<String, Integer> objectsNow = liveObjects();
    int newClasses = loadedClasses() - classes;

    assertThat(Database.run("restarts", "select count(*) from orders")).isEqualTo("30");
    assertThat(connections()).isEqualTo("0");
    assertThat(Thread.getAllStackTraces().keySet()).isSubsetOf(threads);
    assertThat(objectsNow).containsKey(RestartTest.class.getName());
    assertThat(OPENED)
        .allSatisfy(
            name ->
                assertThat(objectsNow.getOrDefault(name, 0))
                    .isLessThanOrEqualTo(objects.getOrDefault(name, 0)));
    assertThat(newClasses).isLessThan(100);
  }

  @Test
  void aWaitingWorkflowGoesOnAfterARestart() throws Exception {
    Database.run("postgres", "create database waiting");
    try (ConfigurableApplicationContext context = start("waiting")) {
      context.getBean(Shop.class).place(new Order("1001", "Ada"));
    }
    try (ConfigurableApplicationContext context = start("waiting")) {
      context.getBean(Shop.class).pay("1001", "r-1");
      WorkflowHost host = context.getBean(WorkflowHost.class);
      @SuppressWarnings("unchecked")
      Workflow<Purchase> execution = context.getBean(Workflow.class);

      assertThat(host.awaitEnd(execution, "1001", Duration.ofMinutes(1)).data().receipt())
          .isEqualTo("r-1");
    }
  }

  private static void startTimes(int starts, int firstOrder) {
    for (int i = 0; i < starts; i++) {
      try (ConfigurableApplicationContext context = start("restarts")) {
        context.getBean(Shop.class).place(new Order(Integer.toString(firstOrder + i), "Ada"));
      }
    }
  }

  private static ConfigurableApplicationContext start(String database) {
    return new SpringApplicationBuilder(ShopApplication.class)
        .web(WebApplicationType.NONE)
        .run(
            "--spring.datasource.url=" + Database.url(database),
            // Spring Boot's meters of connection pools keep each pool that was closed.
            "--spring.autoconfigure.exclude=org.springframework.boot.actuate.autoconfigure.metrics.jdbc"
                + ".DataSourcePoolMetricsAutoConfiguration");
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

  private static String connections() throws SQLException {
    return Database.run(
        "restarts",
        "select count(*) from pg_stat_activity"
            + " where datname = 'restarts' and pid <> pg_backend_pid()");
  }
}
