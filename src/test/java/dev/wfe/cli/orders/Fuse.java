package dev.wfe.cli.orders;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreUnavailableException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connects a process to the store until a number of operations is executed, and never again, as if
 * the process had been killed. The result of the last operation does not arrive. Thread-safe.
 */
final class Fuse {
  private final AtomicInteger left;
  private final PersistenceProvider provider;

  Fuse(int operations, PersistenceProvider store) {
    left = new AtomicInteger(operations);
    provider =
        (PersistenceProvider)
            Proxy.newProxyInstance(
                Fuse.class.getClassLoader(),
                new Class<?>[] {PersistenceProvider.class},
                (proxy, operation, arguments) -> {
                  int turn = left.getAndDecrement();
                  if (turn <= 0) {
                    throw lost();
                  }
                  Object answer;
                  try {
                    answer = operation.invoke(store, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause() == null ? e : e.getCause();
                  }
                  if (turn == 1) {
                    throw lost();
                  }
                  return answer;
                });
  }

  private static StoreUnavailableException lost() {
    return new StoreUnavailableException("The fuse is blown", List.of(), null);
  }

  PersistenceProvider provider() {
    return provider;
  }

  boolean isBlown() {
    return left.get() <= 0;
  }
}
