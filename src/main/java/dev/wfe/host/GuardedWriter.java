package dev.wfe.host;

import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Reads instances, and writes what a change decides. If a write is stale, the change is applied to
 * what another writer has stored. As thread-safe as the provider.
 */
final class GuardedWriter {
  /** How many instances are read and written at a time. */
  private static final int BATCH = 100;

  private final PersistenceProvider provider;

  GuardedWriter(PersistenceProvider provider) {
    this.provider = provider;
  }

  /** Changes one instance. */
  <T> T change(String id, Change<T> change) {
    boolean isWhole = change.needsWhole();
    while (true) {
      Decision<T> decision =
          isWhole
              ? change.of(provider.getWorkflowInstance(id))
              : change.of(provider.getLiveWorkflow(id));
      if (decision instanceof Decision.Unchanged<T> unchanged) {
        return unchanged.result();
      }
      isWhole = change.needsWhole() || decision instanceof Decision.NeedsWhole<T>;
      if (decision instanceof Decision.Changed<T> changed) {
        try {
          provider.write(changed.write());
          return changed.result();
        } catch (StaleRevisionException stale) {
          // Another writer was faster; what it wrote decides.
        }
      }
    }
  }

  /**
   * Changes many instances, a batch in three round trips or fewer, unless writes are stale.
   *
   * @param done is called after each batch with the number of instances that have a result
   * @return a result for each id, in the order of the ids
   */
  <T> Map<String, ItemResult<T>> changeAll(
      Collection<String> ids, Change<T> change, IntConsumer done) {
    List<String> all = List.copyOf(new LinkedHashSet<>(ids));
    Map<String, ItemResult<T>> results = new LinkedHashMap<>();
    for (int i = 0; i < all.size(); i += BATCH) {
      Batch<T> batch = new Batch<>(all.subList(i, Math.min(all.size(), i + BATCH)), change);
      try {
        batch.change();
      } catch (StoreException failure) {
        batch.refuse(batch.open, failure);
        batch.copyInto(results);
        all.subList(Math.min(all.size(), i + BATCH), all.size())
            .forEach(id -> results.put(id, new ItemResult.Refused<>(failure)));
        done.accept(results.size());
        return results;
      }
      batch.copyInto(results);
      done.accept(results.size());
    }
    return results;
  }

  /** Some instances that are changed together. */
  private final class Batch<T> {
    private final List<String> ids;
    private final Change<T> change;
    private final Map<String, ItemResult<T>> results = new LinkedHashMap<>();
    private Set<String> open;
    private Set<String> whole;

    Batch(List<String> ids, Change<T> change) {
      this.ids = ids;
      this.change = change;
      this.open = new LinkedHashSet<>(ids);
      this.whole = change.needsWhole() ? Set.copyOf(ids) : Set.of();
    }

    void copyInto(Map<String, ItemResult<T>> all) {
      ids.forEach(id -> all.put(id, results.get(id)));
    }

    void refuse(Collection<String> refused, StoreException reason) {
      refused.forEach(id -> results.putIfAbsent(id, new ItemResult.Refused<>(reason)));
    }

    void change() {
      while (!open.isEmpty()) {
        List<Pending<T>> pending = new ArrayList<>();
        Set<String> undecided = new LinkedHashSet<>();
        decide(pending, undecided);
        if (!pending.isEmpty()) {
          write(pending);
        }
        open = new LinkedHashSet<>(ids);
        open.removeAll(results.keySet());
        if (!change.needsWhole()) {
          whole = undecided;
        }
      }
    }

    private void decide(List<Pending<T>> pending, Set<String> undecided) {
      Map<String, Decision<T>> decisions = new LinkedHashMap<>();
      List<String> asLive = open.stream().filter(id -> !whole.contains(id)).toList();
      List<String> asWhole = open.stream().filter(whole::contains).toList();
      if (!asLive.isEmpty()) {
        for (LiveWorkflow live : provider.getLiveWorkflows(asLive)) {
          decide(live.id(), () -> change.of(live), decisions);
        }
      }
      if (!asWhole.isEmpty()) {
        for (WorkflowInstance instance : provider.getWorkflowInstances(asWhole)) {
          decide(instance.id(), () -> change.of(instance), decisions);
        }
      }
      for (String id : open) {
        Decision<T> decision = decisions.get(id);
        if (decision instanceof Decision.Changed<T> changed) {
          pending.add(new Pending<>(id, changed));
        } else if (decision instanceof Decision.Unchanged<T> unchanged) {
          results.put(id, new ItemResult.Written<>(unchanged.result()));
        } else if (decision != null) {
          undecided.add(id);
        } else if (!results.containsKey(id)) {
          explain(id);
        }
      }
    }

    private void decide(String id, Decider<T> decider, Map<String, Decision<T>> decisions) {
      try {
        decisions.put(id, decider.decide());
      } catch (StoreException refused) {
        if (refused.retryable()) {
          throw refused; // the graph of its version cannot be read at the moment
        }
        results.put(id, new ItemResult.Refused<>(refused));
      }
    }

    /** The instance does not exist or cannot be read: a single read says which. */
    private void explain(String id) {
      try {
        provider.getLiveWorkflow(id);
      } catch (StoreException reason) {
        if (reason.retryable()) {
          throw reason;
        }
        results.put(id, new ItemResult.Refused<>(reason));
      }
    }

    private void write(List<Pending<T>> pending) {
      List<ItemResult<WriteResult>> written;
      try {
        written =
            provider.writeAll(
                pending.stream().<WorkflowWrite>map(each -> each.changed().write()).toList());
      } catch (UnknownOutcomeException unknown) {
        refuse(pending.stream().map(Pending::id).toList(), unknown);
        return;
      } catch (InvalidValueException refused) {
        if (pending.size() == 1) {
          refuse(List.of(pending.get(0).id()), refused);
        } else { // such as writes that are too large together
          write(pending.subList(0, pending.size() / 2));
          write(pending.subList(pending.size() / 2, pending.size()));
        }
        return;
      }
      for (int i = 0; i < pending.size(); i++) {
        Pending<T> each = pending.get(i);
        if (!(written.get(i) instanceof ItemResult.Refused<WriteResult> refused)) {
          results.put(each.id(), new ItemResult.Written<>(each.changed().result()));
        } else if (!(refused.reason() instanceof StaleRevisionException)) {
          refuse(List.of(each.id()), refused.reason());
        }
      }
    }
  }

  /** The change of an instance that has to be written. */
  private record Pending<T>(String id, Decision.Changed<T> changed) {}

  @FunctionalInterface
  private interface Decider<T> {
    Decision<T> decide();
  }
}
