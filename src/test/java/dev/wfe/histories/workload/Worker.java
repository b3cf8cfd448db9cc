package dev.wfe.histories.workload;

import dev.wfe.histories.Recorder;
import dev.wfe.persistence.PersistenceProvider;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One thread that calls all operations repeatedly and records them. Not thread-safe. */
public final class Worker implements Runnable {
  private static final int MOMENT_MILLIS = 10;

  private final Random random;
  private final BooleanSupplier stopped;
  private final List<Actions> actions;

  /**
   * Works on the store until it is stopped.
   *
   * @param seed decides what it calls; when the others call is not decided
   */
  public Worker(
      PersistenceProvider provider, Recorder recorder, long seed, BooleanSupplier stopped) {
    this.random = new Random(seed);
    this.stopped = stopped;
    Caller caller = new Caller(provider, recorder, random);
    Topics topics = new Topics(caller);
    Actions instances = new InstanceActions(caller, topics);
    Actions tokens = new TokenActions(caller);
    Actions commands = new CommandActions(caller, instances);
    Actions events = new EventActions(caller, topics);
    Actions errors = new ErrorActions(caller);
    Actions sequences = new SequenceActions(caller);
    // What is there more than once is done more often.
    actions =
        List.of(
            instances, instances, instances, instances, tokens, tokens, tokens, commands, commands,
            commands, events, events, events, events, events, events, errors, sequences, sequences);
  }

  @Override
  public void run() {
    while (!stopped.getAsBoolean()) {
      actions.get(random.nextBoolean() ? ofTheMoment() : random.nextInt(actions.size())).step();
    }
  }

  /** The same for all threads of all processes: so they meet. */
  private int ofTheMoment() {
    long moment = System.nanoTime() / TimeUnit.MILLISECONDS.toNanos(MOMENT_MILLIS);
    return new SplittableRandom(moment).nextInt(actions.size());
  }
}
