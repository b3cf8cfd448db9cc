package dev.wfe.bench.hosts;

import dev.wfe.host.StartOptions;
import dev.wfe.host.WorkflowClient;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that starts workflows and publishes events when it is told to. It ends when its
 * standard input does. Used by one thread at a time.
 */
final class OtherProcess implements Actor {
  private static final String START = "start";
  private static final String PUBLISH = "publish";

  private final Process process;
  private final BufferedWriter orders;
  private final BufferedReader answers;

  private OtherProcess(Process process) {
    this.process = process;
    this.orders = process.outputWriter(StandardCharsets.UTF_8);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  static OtherProcess begin(String url) throws IOException {
    return new OtherProcess(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-classpath",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName(),
                url)
            .redirectError(Redirect.INHERIT)
            .start());
  }

  /** The program of the other process: the argument is the URL of the database. */
  public static void main(String[] arguments) throws IOException {
    try (PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(
                arguments[0], PostgresOptions.builder().poolSize(2).build());
        BufferedReader orders =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      Actor actor = new Client(WorkflowClient.over(provider));
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        List<String> words = List.of(order.split(" ", -1));
        String id = words.get(1);
        System.out.println(words.get(0).equals(START) ? actor.start(id) : actor.publish(id));
      }
    }
  }

  /** Does it in this process. */
  record Client(WorkflowClient client) implements Actor {
    @Override
    public long start(String id) {
      client.startWorkflow(Reaction.STARTED, new Reaction(id), StartOptions.id(id));
      return System.nanoTime();
    }

    @Override
    public long publish(String id) {
      client.publish(Reaction.HAPPENED, id, id);
      return System.nanoTime();
    }

    @Override
    public void close() {}
  }

  @Override
  public long start(String id) throws IOException {
    return ask(START, id);
  }

  @Override
  public long publish(String id) throws IOException {
    return ask(PUBLISH, id);
  }

  private long ask(String order, String id) throws IOException {
    orders.write(order + " " + id);
    orders.newLine();
    orders.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("The other process has ended");
    }
    return Long.parseLong(answer);
  }

  @Override
  public void close() throws IOException {
    orders.close();
    try {
      process.waitFor();
    } catch (InterruptedException interrupt) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
  }
}
