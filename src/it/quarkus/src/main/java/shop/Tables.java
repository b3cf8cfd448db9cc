package shop;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The shop's own tables. */
@ApplicationScoped
public class Tables {
  void create(@Observes StartupEvent start, DataSource database) {
    Flyway.configure().dataSource(database).load().migrate();
  }
}
