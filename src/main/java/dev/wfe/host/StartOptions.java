package dev.wfe.host;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Options of a start. Immutable; each method returns changed options. */
public final class StartOptions {
  private static final StartOptions NONE = new StartOptions(null, null, null, null, false);

  private final @Nullable String id;
  private final @Nullable String name;
  private final @Nullable String reference;
  private final @Nullable Instant at;
  private final boolean onlyNew;

  private StartOptions(
      @Nullable String id,
      @Nullable String name,
      @Nullable String reference,
      @Nullable Instant at,
      boolean onlyNew) {
    this.id = id;
    this.name = name;
    this.reference = reference;
    this.at = at;
    this.onlyNew = onlyNew;
  }

  /** No options: an id is assigned, and the workflow is due now. */
  public static StartOptions none() {
    return NONE;
  }

  /**
   * The instance has this id. If there is one with this id already, it is returned unchanged,
   * whatever its data and status are. So a request that is repeated starts one workflow.
   *
   * @param id unique in the store; not empty
   */
  public static StartOptions id(String id) {
    return NONE.withId(id);
  }

  /** As {@link #id}. */
  public StartOptions withId(String unique) {
    if (unique.isEmpty()) {
      throw new IllegalArgumentException("id is empty");
    }
    return new StartOptions(Objects.requireNonNull(unique, "id"), name, reference, at, onlyNew);
  }

  /** The instance has this name, which is unique in the store; without it, the id is the name. */
  public StartOptions name(String unique) {
    return new StartOptions(id, Objects.requireNonNull(unique, "name"), reference, at, onlyNew);
  }

  /** The instance has this reference, by which it can be found; need not be unique. */
  public StartOptions reference(String text) {
    return new StartOptions(id, name, Objects.requireNonNull(text, "reference"), at, onlyNew);
  }

  /** The instance is due at this time, which the database's clock decides. */
  public StartOptions at(Instant time) {
    return new StartOptions(id, name, reference, Objects.requireNonNull(time, "time"), onlyNew);
  }

  /**
   * If there is an instance with the id already, the start fails with a {@link
   * dev.wfe.persistence.DuplicateException}.
   */
  public StartOptions onlyNew() {
    return new StartOptions(id, name, reference, at, true);
  }

  @Nullable String id() {
    return id;
  }

  @Nullable String name() {
    return name;
  }

  @Nullable String reference() {
    return reference;
  }

  @Nullable Instant at() {
    return at;
  }

  boolean isOnlyNew() {
    return onlyNew;
  }
}
