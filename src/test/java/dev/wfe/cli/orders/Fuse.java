package dev.wfe.cli.orders;

import dev.wfe.persistence.PersistenceProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A provider that a host loses for good after a number of operations, as if the host had been
 * killed: the last operation is executed, and its result never arrives.
 */
final class Fuse {
  /** What the host sees of its end. */
  static final class Blown extends Error {
    private static final long serialVersionUID = 1L;
  }

  private Fuse() {}

  static PersistenceProvider after(int operations, PersistenceProvider store) {
    AtomicInteger left = new AtomicInteger(operations);
    return (PersistenceProvider)
        Proxy.newProxyInstance(
            Fuse.class.getClassLoader(),
            new Class<?>[] {PersistenceProvider.class},
            (proxy, operation, arguments) -> {
              int turn = left.getAndDecrement();
              if (turn <= 0) {
                throw new Blown();
              }
              Object answer;
              try {
                answer = operation.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              }
              if (turn == 1) {
                throw new Blown();
              }
              return answer;
            });
  }
}
