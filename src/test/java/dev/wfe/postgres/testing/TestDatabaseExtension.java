package dev.wfe.postgres.testing;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a {@link TestDatabase} to constructors and methods of a test class: one migrated database
 * per outermost class, shared by all that ask; or, with {@link EmptyDatabase}, an empty one per
 * parameter. A database is dropped after the class or the method that received it.
 */
public final class TestDatabaseExtension implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(TestDatabaseExtension.class);
  private static final AtomicInteger EMPTY_DATABASES = new AtomicInteger();

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestDatabase.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    if (parameter.isAnnotated(EmptyDatabase.class)) {
      return context
          .getStore(NAMESPACE)
          .computeIfAbsent(
              "empty" + EMPTY_DATABASES.incrementAndGet(),
              key -> TestDatabase.empty(),
              TestDatabase.class);
    }
    return outermostClass(context)
        .computeIfAbsent("migrated", key -> TestDatabase.migrated(), TestDatabase.class);
  }

  private static Store outermostClass(ExtensionContext context) {
    ExtensionContext outermost = context;
    for (ExtensionContext at = context; at != null; at = at.getParent().orElse(null)) {
      if (at.getTestClass().isPresent()) {
        outermost = at;
      }
    }
    return outermost.getStore(NAMESPACE);
  }
}
