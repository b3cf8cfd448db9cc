package dev.wfe.postgres.transactions;

import dev.wfe.persistence.PersistenceProvider;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A provider whose operations each run in a transaction of the caller. The transaction is committed
 * after a refusal too, so a refusal that had aborted it would be noticed.
 */
final class InTransactions {
  /** Not in a transaction of the caller's. */
  private static final Set<String> APART =
      Set.of(
          "processCommands",
          "ensureStoreExists",
          "claimWorkflows",
          "claimEvents",
          "renew",
          "release",
          "inTransaction",
          "purge",
          "onWorkDue");

  private InTransactions() {}

  /** Runs an operation in a transaction, which it commits whether the operation failed or not. */
  interface Transactions {
    @Nullable Object run(Operation operation) throws Throwable;
  }

  /** An operation, in the transaction of the provider's. */
  interface Operation {
    @Nullable Object on(PersistenceProvider provider) throws Throwable;
  }

  static PersistenceProvider over(PersistenceProvider apart, Transactions transactions) {
    InvocationHandler handler =
        (proxy, method, arguments) ->
            APART.contains(method.getName())
                ? call(method, apart, arguments)
                : transactions.run(provider -> call(method, provider, arguments));
    return (PersistenceProvider)
        Proxy.newProxyInstance(
            InTransactions.class.getClassLoader(),
            new Class<?>[] {PersistenceProvider.class},
            handler);
  }

  private static @Nullable Object call(
      Method method, PersistenceProvider provider, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(provider, arguments);
    } catch (InvocationTargetException failure) {
      throw failure.getTargetException();
    }
  }
}
