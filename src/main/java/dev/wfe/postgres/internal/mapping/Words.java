package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.CommandName;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.UnreadableRowException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The stored words of statuses and command names. */
public final class Words {
  private static final Map<String, WorkflowStatus> WORKFLOW_STATUSES =
      byWord(WorkflowStatus.values(), WorkflowStatus::word);
  private static final Map<String, PointerStatus> POINTER_STATUSES =
      byWord(PointerStatus.values(), PointerStatus::word);
  private static final Map<String, CommandName> COMMAND_NAMES =
      byWord(CommandName.values(), CommandName::word);

  private Words() {}

  private static <T> Map<String, T> byWord(T[] values, Function<T, String> word) {
    return Stream.of(values).collect(Collectors.toUnmodifiableMap(word, Function.identity()));
  }

  static Optional<WorkflowStatus> workflowStatus(String word) {
    return Optional.ofNullable(WORKFLOW_STATUSES.get(word));
  }

  static Optional<PointerStatus> pointerStatus(String word) {
    return Optional.ofNullable(POINTER_STATUSES.get(word));
  }

  /** What refuses a word that has no meaning here. */
  public static UnreadableRowException unknown(
      String table, String id, String column, String word) {
    return new UnreadableRowException(
        table, id, column, "holds the unknown word '" + word + "'", null);
  }

  /** The command of the word; empty for a word that somebody else made up. */
  public static Optional<CommandName> commandName(String word) {
    return Optional.ofNullable(COMMAND_NAMES.get(word));
  }
}
