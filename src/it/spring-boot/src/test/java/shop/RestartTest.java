package shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.util.Set;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

class RestartTest {
  /** What a start opens. */
  private static final String[] OPENED = {
    "dev.wfe.postgres.PostgresPersistenceProvider ",
    "org.hibernate.internal.SessionFactoryImpl ",
    "com.zaxxer.hikari.HikariDataSource "
  };

  @Test
  void startedTenTimesItLeavesNothingBehind() throws Exception {
    Database.run("postgres", "create database restarts");
    startTenTimes(1000);
    Set<Thread> threads = Thread.getAllStackTraces().keySet();
    int classes = loadedClasses();
    startTenTimes(2000);
    int newClasses = loadedClasses() - classes;

    assertThat(Database.run("restarts", "select count(*) from orders")).isEqualTo("20");
    assertThat(connections()).isEqualTo("0");
    assertThat(Thread.getAllStackTraces().keySet()).isSubsetOf(threads);
    assertThat(liveObjects()).contains(RestartTest.class.getName()).doesNotContain(OPENED);
    // A few that the JDK makes late stay.
    assertThat(newClasses).isLessThan(100);
  }

  private static void startTenTimes(int firstOrder) {
    for (int i = 0; i < 10; i++) {
      try (ConfigurableApplicationContext context =
          new SpringApplicationBuilder(ShopApplication.class)
              .web(WebApplicationType.NONE)
              .run("--spring.datasource.url=" + Database.url("restarts"))) {
        context.getBean(Shop.class).place(new Order(Integer.toString(firstOrder + i), "Ada"));
      }
    }
  }

  private static int loadedClasses() {
    System.gc();
    return ManagementFactory.getClassLoadingMXBean().getLoadedClassCount();
  }

  /** A line for each class of which there is an object that anything refers to. */
  private static String liveObjects() throws Exception {
    return (String)
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
  }

  private static String connections() throws SQLException {
    return Database.run(
        "restarts",
        "select count(*) from pg_stat_activity"
            + " where datname = 'restarts' and pid <> pg_backend_pid()");
  }
}
