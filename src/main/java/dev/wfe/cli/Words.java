package dev.wfe.cli;

import dev.wfe.model.CommandName;
import dev.wfe.model.WorkflowStatus;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.TypeConversionException;

/** Reads the words of statuses and kinds, in any case. */
final class Words {
  private Words() {}

  static WorkflowStatus status(String word) {
    return find(word, List.of(WorkflowStatus.values()), WorkflowStatus::word);
  }

  static CommandName command(String word) {
    return find(word, List.of(CommandName.values()), CommandName::word);
  }

  private static <E> E find(String word, List<E> values, Function<E, String> wordOf) {
    return values.stream()
        .filter(value -> wordOf.apply(value).equalsIgnoreCase(word))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "'%s' is none of %s"
                        .formatted(word, String.join(", ", values.stream().map(wordOf).toList()))));
  }
}
