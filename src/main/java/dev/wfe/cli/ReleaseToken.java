package dev.wfe.cli;

import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.TokenMismatchException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes a subscription away from the worker that holds it. */
@Command(
    name = "release-token",
    description = {
      "Takes an activity away from the worker that holds it, so that another worker can take it. If"
          + " the first one is still at work, its result is refused. Find the subscription with"
          + " 'wfe subscriptions --held'.",
      ""
    })
final class ReleaseToken extends StoreCommand {
  @Parameters(paramLabel = "SUBSCRIPTION", description = "the id of the subscription")
  private String id = "";

  @Mixin private final Confirmation confirmation = new Confirmation();

  @Override
  int run(PostgresPersistenceProvider provider) {
    EventSubscription subscription = provider.getSubscription(id);
    String token = subscription.externalToken();
    RowPrinter printer = printer();
    if (token == null) {
      printer.note("Nobody holds the subscription; nothing was changed");
      return 0;
    }
    confirmation.require(
        this,
        PrintableText.of(
            "Take %s:%s of workflow %s away from %s?"
                .formatted(
                    subscription.eventName(),
                    subscription.eventKey(),
                    subscription.workflowId(),
                    subscription.externalWorkerId())));
    try {
      provider.clearSubscriptionToken(id, token);
    } catch (TokenMismatchException e) {
      throw new CliException(
          CliException.DIFFERENT,
          "Another worker has taken the subscription meanwhile, or it was released; nothing was changed",
          e);
    }
    printer.note("Released");
    return 0;
  }
}
