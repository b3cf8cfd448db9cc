package dev.wfe.postgres.faults;

import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One way to call an operation that writes, and what must be true of it when its outcome is
 * unknown. The queries find what the call is about by a key, {@code :key}, that no other call has.
 *
 * @param name what is called, and how
 * @param preparation stores what the call is about, and gives the call
 * @param look what the call changes, as a text
 * @param before what {@code look} gives before the call
 * @param after what it gives when the call has landed
 * @param ids the ids that an unknown outcome must carry once the call has landed
 * @param retryable whether calling again is safe
 * @param again what calling again ends with when the first call has landed; null for success
 * @param afterAgain what {@code look} gives when both have landed
 */
public record WriteCall(
    String name,
    Preparation preparation,
    String look,
    String before,
    String after,
    String ids,
    boolean retryable,
    @Nullable Class<? extends RuntimeException> again,
    String afterAgain) {

  /** Stores what a call is about. */
  @FunctionalInterface
  public interface Preparation {
    /** Gives the call, which can be made again and again. */
    Consumer<PostgresPersistenceProvider> by(PostgresPersistenceProvider store, String key);
  }

  /** Calling again succeeds, and changes the look to that. */
  public static WriteCall notToBeRepeated(
      String name,
      Preparation preparation,
      String look,
      String before,
      String after,
      String ids,
      String afterAgain) {
    return new WriteCall(name, preparation, look, before, after, ids, false, null, afterAgain);
  }

  /** Calling again changes nothing. */
  public static WriteCall repeatable(
      String name,
      Preparation preparation,
      String look,
      String before,
      String after,
      String ids,
      @Nullable Class<? extends RuntimeException> again) {
    return new WriteCall(name, preparation, look, before, after, ids, true, again, after);
  }

  public String look(TestDatabase database, String key) {
    return Objects.toString(database.queryForString(look.replace(":key", key)));
  }

  public List<@Nullable String> ids(TestDatabase database, String key) {
    return database.queryForStrings(ids.replace(":key", key));
  }

  @Override
  public String toString() {
    return name;
  }
}
