package dev.wfe.cli;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.persistence.EntityManager;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Counts workflows by status and definition. */
@Command(
    name = "stats",
    description = {
      "Counts the workflows by status, in all and for each definition that a host of this library"
          + " has registered (at most 100). A count is exact up to --exact, then an estimate that"
          + " begins with ~, so the cost is bounded.",
      ""
    })
final class Stats extends StoreCommand {
  private static final int DEFINITIONS = 100;

  @Option(
      names = "--exact",
      paramLabel = "N",
      defaultValue = "10000",
      description = "count exactly up to this number, at most 1000000; ${DEFAULT-VALUE} by default")
  private int exactUpTo;

  /**
   * The workflows of one definition.
   *
   * @param definition its id; "(all)" for those of all definitions
   */
  record Line(String definition, Map<WorkflowStatus, RowCount> counts) {
    RowCount count(WorkflowStatus status) {
      return Objects.requireNonNull(counts.get(status));
    }

    Object of(WorkflowStatus status) {
      RowCount count = count(status);
      return count.estimated() ? "~" + count.rows() : count.rows();
    }
  }

  @Override
  int run(PostgresPersistenceProvider provider) {
    List<Column<Line>> columns = new ArrayList<>();
    columns.add(Column.of("definition", Line::definition));
    for (WorkflowStatus status : WorkflowStatus.values()) {
      columns.add(Column.of(status.word(), line -> line.of(status)));
    }
    printer().print(columns, lines(provider, exactUpTo));
    return 0;
  }

  /** Counts exactly up to a number, in all and for each registered definition. */
  static List<Line> lines(PostgresPersistenceProvider provider, int exactUpTo) {
    List<Line> lines = new ArrayList<>();
    lines.add(line(provider, "(all)", WorkflowFilter.builder(), exactUpTo));
    for (String id : definitions(provider)) {
      lines.add(line(provider, id, WorkflowFilter.builder().definition(id), exactUpTo));
    }
    return lines;
  }

  private static Line line(
      WorkflowQueries queries, String title, WorkflowFilter.Builder filter, int exactUpTo) {
    Map<WorkflowStatus, RowCount> counts = new EnumMap<>(WorkflowStatus.class);
    for (WorkflowStatus status : WorkflowStatus.values()) {
      counts.put(status, queries.countWorkflows(filter.status(status).build(), exactUpTo));
    }
    return new Line(title, counts);
  }

  private static List<String> definitions(PostgresPersistenceProvider provider) {
    try (EntityManager entities = provider.entityManagerFactory().createEntityManager()) {
      return entities
          .createQuery(
              "select distinct d.definitionId from WorkflowDefinitionEntity d order by 1",
              String.class)
          .setMaxResults(DEFINITIONS)
          .getResultList();
    }
  }
}
