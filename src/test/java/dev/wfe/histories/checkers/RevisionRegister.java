package dev.wfe.histories.checkers;

import dev.wfe.histories.Operation;
import dev.wfe.histories.workload.InstanceActions;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import org.jspecify.annotations.Nullable;

/**
 * An instance as a register that holds its last write. It is empty before the instance is created.
 */
final class RevisionRegister implements Specification<String> {
  private static final String ABSENT = "";

  @Override
  public String start() {
    return ABSENT;
  }

  @Override
  public @Nullable String after(String state, Operation operation) {
    String write = operation.argument("write");
    boolean replaces = !write.isEmpty() && replaces(operation.argument("based"), state);
    if (operation.isUnknown()) {
      return replaces ? write : state;
    }
    if (operation.isOk() && !write.isEmpty()) {
      return replaces ? write : null;
    }
    boolean possible;
    if (operation.isOk()) {
      possible = operation.result().path("write").asText().equals(state);
    } else if (operation.isRefusedAs(NotFoundException.class)) {
      possible = state.equals(ABSENT);
    } else if (operation.isRefusedAs(StaleRevisionException.class)) {
      possible = !state.equals(ABSENT) && !replaces;
    } else {
      possible = operation.isRefusedAs(DuplicateException.class) && !state.equals(ABSENT);
    }
    return possible ? state : null;
  }

  /** Creating replaces what is absent. */
  private static boolean replaces(String base, String state) {
    return base.equals(InstanceActions.ANYTHING) ? !state.equals(ABSENT) : base.equals(state);
  }
}
