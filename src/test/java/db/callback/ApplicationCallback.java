package db.callback;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/** An application's Flyway callback, where Flyway looks by default. */
public final class ApplicationCallback implements Callback {
  /** The history tables of the runs that it was called in. */
  public static final Set<String> HISTORIES = ConcurrentHashMap.newKeySet();

  @Override
  public boolean supports(Event event, Context context) {
    return true;
  }

  @Override
  public boolean canHandleInTransaction(Event event, Context context) {
    return true;
  }

  @Override
  public void handle(Event event, Context context) {
    HISTORIES.add(context.getConfiguration().getTable());
  }

  @Override
  public String getCallbackName() {
    return "application";
  }
}
