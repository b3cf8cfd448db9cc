package dev.wfe.host;

import dev.wfe.persistence.PersistenceProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Stands between a host and its provider, so that a test can let operations fail or wait. */
final class Interceptor {
  private static final Around PASS = (operation, call) -> call.proceed();

  private final PersistenceProvider provider;
  private volatile Around around = PASS;

  /** The rest of the way to the provider. */
  interface Call {
    /** What the operation was called with. */
    List<@Nullable Object> arguments();

    /** Executes the operation. */
    @Nullable Object proceed() throws Throwable;
  }

  /** Decides what becomes of a call. */
  @FunctionalInterface
  interface Around {
    @Nullable Object call(String operation, Call call) throws Throwable;
  }

  Interceptor(PersistenceProvider target) {
    this(() -> target);
  }

  /** On a provider that is known later. */
  Interceptor(Supplier<PersistenceProvider> target) {
    provider =
        (PersistenceProvider)
            Proxy.newProxyInstance(
                Interceptor.class.getClassLoader(),
                new Class<?>[] {PersistenceProvider.class},
                (proxy, method, arguments) ->
                    around.call(
                        method.getName(),
                        new Operation(
                            target.get(),
                            method,
                            arguments == null ? List.of() : Arrays.asList(arguments))));
  }

  private record Operation(
      PersistenceProvider target, Method method, List<@Nullable Object> arguments) implements Call {
    @Override
    public @Nullable Object proceed() throws Throwable {
      try {
        return method.invoke(target, arguments.toArray());
      } catch (InvocationTargetException thrown) {
        throw thrown.getTargetException();
      }
    }
  }

  PersistenceProvider provider() {
    return provider;
  }

  /** From now on, this decides about every call. */
  void intercept(Around next) {
    around = next;
  }

  /** From now on, all calls pass. */
  void pass() {
    around = PASS;
  }
}
