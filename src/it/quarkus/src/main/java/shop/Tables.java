package shop;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The shop's own tables. */
@ApplicationScoped
public class Tables {
  void create(@Observes Startup start, DataSource database) {
    Flyway.configure().dataSource(database).load().migrate();
  }
}
