package dev.wfe.postgres.opening;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.BadStartContract;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.postgresql.ds.PGSimpleDataSource;

/** Without a framework. */
final class BadStartTest {
  private static AutoCloseable validated(PostgresPersistenceProvider provider) {
    try {
      provider.validateStore();
      return provider;
    } catch (RuntimeException failure) {
      provider.close();
      throw failure;
    }
  }

  @Nested
  final class OverAUrl extends BadStartContract {
    @Override
    protected AutoCloseable start(String url) {
      return validated(
          PostgresPersistenceProvider.connect(
              url, PostgresOptions.builder().connectTimeout(Duration.ofMillis(500)).build()));
    }
  }

  @Nested
  final class OverADataSource extends BadStartContract {
    @Override
    protected AutoCloseable start(String url) {
      PGSimpleDataSource dataSource = new PGSimpleDataSource();
      dataSource.setUrl(url);
      return validated(PostgresPersistenceProvider.over(dataSource));
    }
  }
}
