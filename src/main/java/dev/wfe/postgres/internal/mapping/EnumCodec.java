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

/** Converts the constants of an enum to the words that are stored, and back. Thread-safe. */
public final class EnumCodec<E> {
  /** The statuses of workflows. */
  public static final EnumCodec<WorkflowStatus> WORKFLOW_STATUS =
      new EnumCodec<>(WorkflowStatus.values(), WorkflowStatus::word);

  /** The statuses of execution pointers. */
  public static final EnumCodec<PointerStatus> POINTER_STATUS =
      new EnumCodec<>(PointerStatus.values(), PointerStatus::word);

  /** The names of scheduled commands. */
  public static final EnumCodec<CommandName> COMMAND_NAME =
      new EnumCodec<>(CommandName.values(), CommandName::word);

  private final Function<E, String> encoder;
  private final Map<String, E> constants;

  private EnumCodec(E[] constants, Function<E, String> encoder) {
    this.encoder = encoder;
    this.constants =
        Stream.of(constants).collect(Collectors.toUnmodifiableMap(encoder, Function.identity()));
  }

  /** Returns the word of the constant. */
  public String encode(E constant) {
    return encoder.apply(constant);
  }

  /** Returns the constant of the word; empty for a word that this library does not know. */
  public Optional<E> decode(String word) {
    return Optional.ofNullable(constants.get(word));
  }

  /** Creates the exception for a stored word that has no constant. */
  public static UnreadableRowException unknown(
      String table, String id, String column, String word) {
    return new UnreadableRowException(
        table, id, column, "holds the unknown word '" + word + "'", null);
  }
}
