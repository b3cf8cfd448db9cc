package dev.wfe.cli;

import dev.wfe.postgres.PostgresPersistenceProvider;
import picocli.CommandLine.Command;

/** Compares the tables of a store with the mapping. Changes nothing. */
@Command(
    name = "validate",
    description = {
      "Compares the tables of a store with the mapping of this version, column by column."
          + " Changes nothing. Each difference is a line. The role needs only the privilege to connect.",
      ""
    })
final class Validate extends StoreCommand {
  @Override
  boolean worksOnAnyVersion() {
    return true;
  }

  @Override
  int run(PostgresPersistenceProvider provider) {
    provider.validateStore();
    int tables = provider.entityManagerFactory().getMetamodel().getEntities().size();
    spec()
        .commandLine()
        .getOut()
        .printf(
            "Compared the %s tables %s.%s* with the mapping, column by column: they agree.%n",
            tables, provider.options().schema(), provider.options().tablePrefix());
    return 0;
  }
}
