package dev.wfe.cli;

import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.HostRepository;
import dev.wfe.persistence.HostedDefinition;
import dev.wfe.persistence.RegisteredHost;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the hosts that have registered themselves. */
@Command(
    name = "hosts",
    description = {
      "Lists the hosts that have registered themselves, those with the latest heartbeat first,"
          + " with the versions of definitions that they execute and their limits. A host without"
          + " a heartbeat is removed from the list after a day.",
      ""
    })
final class ListHosts extends StoreCommand {
  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "at most so many, up to " + HostRepository.MAX_HOSTS + "; ${DEFAULT-VALUE} by default")
  private int limit;

  @Override
  void checkArguments() {
    if (limit < 1 || limit > HostRepository.MAX_HOSTS) {
      throw new CliException(
          CliException.USAGE,
          "--limit is %s, not between 1 and %s".formatted(limit, HostRepository.MAX_HOSTS));
    }
  }

  @Override
  int run(PostgresPersistenceProvider provider) {
    printer()
        .print(
            List.of(
                Column.of("name", RegisteredHost::name),
                Column.of("live", RegisteredHost::live),
                Column.of("deadSince", host -> host.live() ? null : host.expiresAt()),
                Column.of("version", RegisteredHost::version),
                Column.of("started", RegisteredHost::startedAt),
                Column.of("heartbeat", RegisteredHost::lastSeenAt),
                Column.of("definitions", ListHosts::definitions)),
            provider.getHosts(limit));
    return 0;
  }

  private static String definitions(RegisteredHost host) {
    return host.definitions().stream().map(ListHosts::text).collect(Collectors.joining(", "));
  }

  private static String text(HostedDefinition hosted) {
    String definition =
        "%s:%s".formatted(hosted.definition().definitionId(), hosted.definition().version());
    ClaimLimits limits = hosted.limits();
    List<String> texts = new ArrayList<>();
    if (limits.atATime() != null) {
      texts.add(limits.atATime() + " at a time");
    }
    if (limits.atATimePerKey() != null) {
      texts.add(limits.atATimePerKey() + " per key");
    }
    if (limits.rate() != null) {
      texts.add("%s in %s".formatted(limits.rate().count(), limits.rate().period()));
    }
    return texts.isEmpty()
        ? definition
        : definition + texts.stream().collect(Collectors.joining("; ", " (", ")"));
  }
}
