package dev.wfe.memory;

import dev.wfe.model.Revision;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import org.jspecify.annotations.Nullable;

/**
 * Identifies one version of one workflow. Each write makes a new version, which equals only itself.
 */
final class MemoryRevision implements Revision {
  private final Object version;
  private final boolean partial;

  private MemoryRevision(Object version, boolean partial) {
    this.version = version;
    this.partial = partial;
  }

  /** The revision of a new version. */
  static MemoryRevision ofNewVersion() {
    return new MemoryRevision(new Object(), false);
  }

  /** The revision of the live part of an instance in the version of this revision. */
  static @Nullable Revision ofLivePart(@Nullable Revision whole) {
    return whole instanceof MemoryRevision known ? new MemoryRevision(known.version, true) : whole;
  }

  /** Refuses an instance with the revision of a live part, which may lack stored pointers. */
  static void requireWhole(WorkflowInstance instance) {
    if (instance.revision() instanceof MemoryRevision known && known.partial) {
      throw new InvalidValueException(
          "WorkflowInstance",
          instance.id(),
          "revision",
          "belongs to the live part of the instance, which may lack pointers; use write");
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MemoryRevision that && version.equals(that.version);
  }

  @Override
  public int hashCode() {
    return version.hashCode();
  }
}
