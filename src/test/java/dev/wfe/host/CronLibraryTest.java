package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.memory.InMemoryPersistenceProvider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The library for recurring starts is optional. */
final class CronLibraryTest {
  /** What an application does that does not have the library. */
  public static final class Application {
    private Application() {}

    private static WorkflowHost.Builder host() {
      return WorkflowHost.builder(new InMemoryPersistenceProvider())
          .workflow(
              Workflow.define("flow", 1, Notes.class)
                  .update("step", notes -> notes.and("done"))
                  .build());
    }

    /** The definitions that the host claims. */
    public static String definitions() {
      return new Definitions(
              List.of(
                  Workflow.define("flow", 1, Notes.class)
                      .update("step", notes -> notes.and("done"))
                      .build()),
              HostJson.standard())
          .versions()
          .toString();
    }

    /** Starts and closes a host. */
    public static String runsAHost() {
      try (WorkflowHost host = host().build()) {
        host.start();
        return host.schedules().state("nightly") + ", " + host.schedules().unschedule("nightly");
      }
    }

    /** Needs the library. */
    public static String cron() {
      return Recurrence.cron("0 2 * * *", ZoneOffset.UTC).toString();
    }

    /** Needs the library. */
    public static String every() {
      return Recurrence.every(Duration.ofHours(1)).toString();
    }
  }

  /** Loads the classes of this project again, and has no library for recurring starts. */
  private static final class WithoutLibrary extends ClassLoader {
    WithoutLibrary() {
      super(CronLibraryTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("com.cronutils.")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("dev.wfe.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        return known == null ? define(name) : known;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream code = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = Objects.requireNonNull(code, name).readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException unreadable) {
        throw new ClassNotFoundException(name, unreadable);
      }
    }
  }

  private static Object withoutLibrary(String method) throws Throwable {
    Method call =
        Class.forName(Application.class.getName(), true, new WithoutLibrary()).getMethod(method);
    try {
      return call.invoke(null);
    } catch (InvocationTargetException thrown) {
      throw thrown.getTargetException();
    }
  }

  @Test
  void hostWithoutTheLibraryLeavesSchedulesToOthers() throws Throwable {
    assertThat(Application.definitions()).contains("wfe.schedule:flow");
    assertThat(withoutLibrary("definitions").toString())
        .contains("flow")
        .doesNotContain("wfe.schedule");
    assertThat(withoutLibrary("runsAHost")).isEqualTo("Optional.empty, false");
  }

  @Test
  void recurringStartsNameTheMissingLibrary() {
    for (String method : List.of("cron", "every")) {
      assertThatThrownBy(() -> withoutLibrary(method))
          .hasToString(
              "dev.wfe.host.WorkflowDefinitionException: "
                  + "Recurring starts need the library com.cronutils:cron-utils on the class path");
    }
    assertThat(Application.cron()).isEqualTo("0 2 * * * (Z)");
  }
}
