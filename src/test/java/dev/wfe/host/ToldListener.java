package dev.wfe.host;

import dev.wfe.persistence.DefinitionVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts what it is told, in words. Thread-safe. */
final class ToldListener implements HostListener {
  private final Map<String, Integer> counts = new TreeMap<>();
  private final List<Duration> durations = new ArrayList<>();
  private final List<DueWork> dueWork = new ArrayList<>();

  private synchronized void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  private synchronized void count(String what, Duration duration) {
    count(what);
    durations.add(duration);
  }

  private static String of(DefinitionVersion definition) {
    return " " + definition.definitionId() + "/" + definition.version();
  }

  /** The counts, without those of claims and groups, which depend on the timing of threads. */
  synchronized Map<String, Integer> counts() {
    Map<String, Integer> copy = new TreeMap<>(counts);
    copy.keySet().removeIf(key -> key.startsWith("claim of ") || key.startsWith("group of "));
    return copy;
  }

  /** How often it was told of a claim or a group of this size. */
  synchronized int count(String what, int size) {
    return counts.getOrDefault(what + " of " + size, 0);
  }

  synchronized List<Duration> durations() {
    return List.copyOf(durations);
  }

  synchronized List<DueWork> allDueWork() {
    return List.copyOf(dueWork);
  }

  @Override
  public void workflowStarted(DefinitionVersion definition) {
    count("started" + of(definition));
  }

  @Override
  public void workflowCompleted(DefinitionVersion definition) {
    count("completed" + of(definition));
  }

  @Override
  public void sagaCompensated(DefinitionVersion definition, String saga) {
    count("compensated " + saga + of(definition));
  }

  @Override
  public void workflowFailed(DefinitionVersion definition) {
    count("failed" + of(definition));
  }

  @Override
  public void workflowSuspended(DefinitionVersion definition) {
    count("suspended" + of(definition));
  }

  @Override
  public void stepAttempted(StepAttempt attempt) {
    count(
        "%s %s attempt %s%s"
            .formatted(
                attempt.result(), attempt.step(), attempt.number(), of(attempt.definition())),
        attempt.duration());
  }

  @Override
  public void eventDelivered(DefinitionVersion definition, String event, Duration delay) {
    count("event " + event + of(definition), delay);
  }

  @Override
  public void claimed(int workflows) {
    count("claim of " + workflows);
  }

  @Override
  public void workflowClaimed(DefinitionVersion definition, Duration delay, boolean isTakenOver) {
    count((isTakenOver ? "taken over" : "claimed") + of(definition), delay);
  }

  @Override
  public void leaseLost(DefinitionVersion definition) {
    count("lease lost" + of(definition));
  }

  @Override
  public void written(int workflows) {
    count("group of " + workflows);
  }

  @Override
  public void writeStale(DefinitionVersion definition) {
    count("stale" + of(definition));
  }

  @Override
  public synchronized void dueWork(DueWork work) {
    dueWork.add(work);
  }
}
