package dev.wfe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.wfe.host.EventType;
import dev.wfe.host.WorkflowClient;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.SubscriptionFilter;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Publishes an event. */
@Command(
    name = "publish",
    description = {
      "Publishes an event. Every workflow that waits for its name and key gets it, and so does every"
          + " workflow that exists now and will wait for it later.",
      ""
    })
final class Publish extends StoreCommand {
  private static final int COUNTED = 1_000;

  @Parameters(index = "0", paramLabel = "EVENT", description = "the name of the event")
  private String event = "";

  @Parameters(index = "1", paramLabel = "KEY", description = "the key of the event")
  private String key = "";

  @Option(
      names = "--data",
      paramLabel = "JSON",
      description = "the data of the event; null by default")
  private JsonNode data = NullNode.getInstance();

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "an id of your own: publishing it again has no effect")
  private @Nullable String id;

  @Mixin private final Confirmation confirmation = new Confirmation();

  /**
   * The published event.
   *
   * @param published false if an event with the id existed
   */
  private record Published(String id, boolean published) {}

  @Override
  void checkArguments() {
    if (event.isEmpty() || (id != null && id.isEmpty())) {
      throw new CliException(
          CliException.USAGE, "The name of an event and its --id must not be empty");
    }
  }

  @Override
  int run(PostgresPersistenceProvider provider) {
    RowCount waiting =
        provider.countSubscriptions(
            SubscriptionFilter.builder().topic(event, key).build(), COUNTED);
    confirmation.require(
        this,
        PrintableText.of(
            "Publish %s:%s with the data %s? %s%s subscriptions wait for it."
                .formatted(
                    event,
                    key,
                    PointerTree.folded(data, false),
                    waiting.estimated() ? "About " : "",
                    waiting.rows())));
    WorkflowClient client = WorkflowClient.over(provider);
    EventType<JsonNode> type = EventType.of(event, JsonNode.class);
    Published published =
        id == null
            ? new Published(client.publish(type, key, data), true)
            : new Published(id, client.publishOnce(id, type, key, data));
    printer()
        .print(
            List.of(
                Column.<Published>of("id", Published::id),
                Column.of("published", Published::published)),
            List.of(published));
    return 0;
  }
}
