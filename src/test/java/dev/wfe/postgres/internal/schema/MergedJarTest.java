package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An application in one jar in which only one service file of each name was kept. */
@ExtendWith(TestDatabaseExtension.class)
final class MergedJarTest {
  private static final String SERVICES = "META-INF/services/org.flywaydb.core.extensibility.Plugin";

  /** All classes, and the one service file. */
  private static final class MergedJar extends URLClassLoader {
    private final String kept;

    MergedJar(String kept) throws IOException {
      super(classPath(), ClassLoader.getPlatformClassLoader());
      this.kept = kept;
    }

    private static URL[] classPath() throws IOException {
      String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
      URL[] urls = new URL[entries.length];
      for (int i = 0; i < entries.length; i++) {
        urls[i] = Path.of(entries[i]).toUri().toURL();
      }
      return urls;
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      List<URL> found = Collections.list(super.getResources(name));
      return Collections.enumeration(
          name.equals(SERVICES)
              ? found.stream().filter(url -> url.getPath().contains("/" + kept)).toList()
              : found);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flyway-core", "flyway-database-postgresql"})
  void itsFailureSaysWhatToMerge(String kept, @EmptyDatabase TestDatabase database)
      throws Exception {
    try (MergedJar jar = new MergedJar(kept)) {
      Class<?> names = jar.loadClass(StoreNames.class.getName());
      Object wfc = names.getConstructor(String.class, String.class).newInstance("wfc", "");

      Method migrate =
          jar.loadClass(SchemaManager.class.getName())
              .getMethod("migrate", DataSource.class, names);

      assertThatThrownBy(() -> migrate.invoke(null, database.dataSource(), wfc))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageContaining("merge the files under META-INF/services")
          .extracting(refusal -> refusal.getClass().getName())
          .isEqualTo(StoreSetupException.class.getName());
    }
  }
}
