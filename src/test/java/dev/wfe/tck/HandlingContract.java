package dev.wfe.tck;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.CommandHandler;
import dev.wfe.persistence.ProcessedCommands;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/** What the contracts of handling commands have in common: a store without any other command. */
public abstract class HandlingContract extends Contract {
  static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);
  static final long AT = NOW.toEpochMilli();

  final List<String> handled = new ArrayList<>();

  @BeforeEach
  void startEmpty() {
    store().empty();
  }

  final void schedule(String... ids) {
    for (int i = 0; i < ids.length; i++) {
      provider().scheduleCommand(ScheduledCommand.processWorkflow(ids[i], AT - ids.length + i));
    }
  }

  final ProcessedCommands process(Instant asOf, CommandHandler handler) {
    return provider()
        .processCommands(
            asOf,
            command -> {
              handled.add(command.data());
              handler.handle(command);
            });
  }

  final List<String> handledAt(Instant asOf) {
    handled.clear();
    process(asOf, command -> {});
    return List.copyOf(handled);
  }
}
