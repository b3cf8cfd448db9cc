package dev.wfe.cli;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.persistence.PersistenceException;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Compares the tables of a store with the mapping. Changes nothing. */
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = {
      "Compares the tables of a store with the mapping of this version, column by column."
          + " Changes nothing. The role needs only the privilege to connect.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:they agree",
      "1:they differ; each difference is a line",
      "2:the arguments are invalid",
      "3:the database cannot be reached, does not meet the requirements, or contains no store"
    })
final class Validate implements Callable<Integer> {
  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "a postgres:// or jdbc:postgresql: URL; by default the value of WFE_DATABASE_URL")
  private @Nullable String url;

  @Option(
      names = "--schema",
      paramLabel = "NAME",
      description = "the schema of the tables; wfc by default")
  private @Nullable String schema;

  @Option(
      names = "--table-prefix",
      paramLabel = "PREFIX",
      description = "prefix of the names of the tables; empty by default")
  private @Nullable String tablePrefix;

  @ParentCommand private @Nullable Main main;
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(place(), options())) {
      provider.validateStore();
      int tables = provider.entityManagerFactory().getMetamodel().getEntities().size();
      Objects.requireNonNull(spec)
          .commandLine()
          .getOut()
          .printf(
              "Compared the %s tables %s.%s* with the mapping, column by column: they agree.%n",
              tables, provider.options().schema(), provider.options().tablePrefix());
      return 0;
    } catch (InvalidValueException e) {
      throw new CliException(CliException.USAGE, e.getMessage(), e);
    } catch (StoreSetupException e) {
      throw new CliException(
          e.problems().isEmpty() ? CliException.DATABASE : CliException.DIFFERENT,
          e.getMessage(),
          e);
    } catch (StoreException | PersistenceException e) {
      throw new CliException(CliException.DATABASE, e.getMessage(), e);
    }
  }

  private String place() {
    String place = url == null ? Objects.requireNonNull(main).databaseUrl() : url;
    if (place == null || place.isEmpty()) {
      throw new CliException(
          CliException.USAGE, "No database is given: set --url or WFE_DATABASE_URL");
    }
    return place;
  }

  private PostgresOptions options() {
    PostgresOptions.Builder options =
        PostgresOptions.builder().applicationName("wfe-postgres-validate").poolSize(1);
    if (schema != null) {
      options.schema(schema);
    }
    if (tablePrefix != null) {
      options.tablePrefix(tablePrefix);
    }
    return options.build();
  }
}
