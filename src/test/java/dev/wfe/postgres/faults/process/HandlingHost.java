package dev.wfe.postgres.faults.process;

import dev.wfe.persistence.CommandHandler;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A host that handles the commands of several stores, which lie in schemas of one database, at the
 * same time: {@code URL schema…}.
 */
public final class HandlingHost {
  /** Its handler does not return. */
  static final String STAYING = "in_handler";

  /** What it says when it is there. */
  static final String HANDLING = "handling";

  private HandlingHost() {}

  /** Runs until it is killed, or its input ends. */
  public static void main(String[] arguments) throws Exception {
    Map<String, PostgresPersistenceProvider> stores = new LinkedHashMap<>();
    for (int i = 1; i < arguments.length; i++) {
      PostgresOptions options = PostgresOptions.builder().schema(arguments[i]).poolSize(2).build();
      stores.put(arguments[i], PostgresPersistenceProvider.connect(arguments[0], options));
    }
    HostProcess.callWhenTold(
        () ->
            stores.forEach(
                (schema, store) ->
                    new Thread(() -> store.processCommands(Instant.now(), handler(schema)))
                        .start()));
  }

  private static CommandHandler handler(String schema) {
    if (!schema.equals(STAYING)) {
      return command -> {};
    }
    return command -> {
      System.out.println(HANDLING);
      new CountDownLatch(1).await();
    };
  }
}
