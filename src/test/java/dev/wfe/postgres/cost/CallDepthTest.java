package dev.wfe.postgres.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** How many methods of this library are on the stack when the driver executes a statement. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CallDepthTest {
  private static final int MAX_FRAMES = 14;
  private static final String LIBRARY = "dev.wfe.";

  private final List<List<String>> stacks = new ArrayList<>();
  private final PostgresPersistenceProvider provider;

  CallDepthTest(TestDatabase database) {
    DataSource dataSource = database.dataSource();
    provider =
        PostgresPersistenceProvider.over(
            proxy(
                DataSource.class,
                dataSource,
                result -> proxy(Connection.class, result, this::watched)),
            PostgresOptions.builder().wakeUps(false).build());
  }

  @AfterAll
  void close() {
    provider.close();
  }

  @FunctionalInterface
  private interface Wrapper {
    Object wrap(Object result);
  }

  /** Gives what the target gives; connections and statements wrapped. */
  private static <T> T proxy(Class<T> type, Object target, Wrapper wrapper) {
    return type.cast(
        Proxy.newProxyInstance(
            CallDepthTest.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              try {
                Object result = method.invoke(target, arguments);
                boolean wraps =
                    method.getReturnType() == Connection.class
                        || method.getReturnType() == PreparedStatement.class;
                return wraps ? wrapper.wrap(result) : result;
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            }));
  }

  private Object watched(Object statement) {
    return Proxy.newProxyInstance(
        CallDepthTest.class.getClassLoader(),
        new Class<?>[] {PreparedStatement.class},
        (self, method, arguments) -> {
          if (method.getName().startsWith("execute")) {
            stacks.add(libraryFrames());
          }
          try {
            return method.invoke(statement, arguments);
          } catch (InvocationTargetException failure) {
            throw failure.getCause();
          }
        });
  }

  private static List<String> libraryFrames() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> frame.getClassName().startsWith(LIBRARY))
                    .filter(
                        frame -> !frame.getClassName().startsWith(CallDepthTest.class.getName()))
                    .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                    .toList());
  }

  private void requireShallow(Runnable operation) {
    stacks.clear();
    operation.run();
    assertThat(stacks).hasSize(1);
    assertThat(stacks.get(0)).hasSizeBetween(2, MAX_FRAMES);
  }

  @Test
  void aPersistReachesTheDriverThroughFewMethods() {
    ExecutionPointer pointer = ExecutionPointer.builder(0).build();
    String id =
        provider.createNewWorkflow(
            WorkflowInstance.builder("d", 1).executionPointers(List.of(pointer)).build());
    WorkflowInstance instance = provider.getWorkflowInstance(id);
    WorkflowInstance changed =
        instance.toBuilder()
            .executionPointers(List.of(pointer.toBuilder().retryCount(1).build()))
            .build();

    requireShallow(() -> provider.persistWorkflow(changed));
  }

  @Test
  void takingATokenReachesTheDriverThroughFewMethods() {
    String id =
        provider.createEventSubscription(
            EventSubscription.builder("w", "p", "name", "key")
                .subscribeAsOf(Instant.now())
                .build());

    requireShallow(
        () -> provider.setSubscriptionToken(id, "token", "worker", Duration.ofMinutes(1)));
  }
}
