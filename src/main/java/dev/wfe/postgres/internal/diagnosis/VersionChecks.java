package dev.wfe.postgres.internal.diagnosis;

import dev.wfe.persistence.MigrationStep;
import dev.wfe.persistence.StoreFinding;
import dev.wfe.persistence.StoreFinding.Severity;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.util.List;
import java.util.stream.Collectors;
import org.hibernate.Version;
import org.postgresql.util.DriverInfo;

/** Checks the versions of store and libraries, and how the connections reach the server. */
public final class VersionChecks {
  private VersionChecks() {}

  /** Adds what the steps of the store say. Returns whether the store has this version. */
  public static boolean check(
      List<MigrationStep> steps, StoreNames names, List<StoreFinding> findings) {
    String applied = versions(steps, MigrationStep.State.APPLIED);
    String pending = versions(steps, MigrationStep.State.PENDING);
    String newer = versions(steps, MigrationStep.State.NEWER);
    if (applied.isEmpty()) {
      findings.add(
          new StoreFinding(
              Severity.CRITICAL,
              "store-version",
              "The schema %s holds no store of this library".formatted(names.schema()),
              "Only the server was examined",
              "wfe schema migrate"));
      return false;
    }
    if (!pending.isEmpty()) {
      findings.add(
          new StoreFinding(
              Severity.WARNING,
              "store-version",
              "The store lacks the steps %s".formatted(pending),
              "Hosts of this version fail on it",
              "wfe schema migrate"));
    }
    if (!newer.isEmpty()) {
      findings.add(
          new StoreFinding(
              Severity.WARNING,
              "store-version",
              "A newer version of the library has added the steps %s".formatted(newer),
              "This program does not know them",
              "use the program of that version"));
    }
    return pending.isEmpty() && newer.isEmpty();
  }

  private static String versions(List<MigrationStep> steps, MigrationStep.State state) {
    return steps.stream()
        .filter(step -> step.state() == state)
        .map(MigrationStep::version)
        .collect(Collectors.joining(", "));
  }

  /** Adds the differences that the validation reports. Returns whether there are none. */
  public static boolean agrees(Runnable validation, List<StoreFinding> findings) {
    try {
      validation.run();
      return true;
    } catch (StoreSetupException differs) {
      if (differs.problems().isEmpty()) {
        throw differs;
      }
      for (String problem : differs.problems()) {
        findings.add(
            new StoreFinding(
                Severity.CRITICAL,
                "tables",
                problem,
                "The library reads and writes the tables as it created them",
                "change it back; then: wfe schema validate"));
      }
      return false;
    }
  }

  /** Adds the versions of the libraries, and whether there is a pooling proxy. */
  public static void describe(boolean proxy, boolean sessions, List<StoreFinding> findings) {
    findings.add(
        new StoreFinding(
            Severity.INFO,
            "libraries",
            "PostgreSQL JDBC driver %s, Hibernate ORM %s"
                .formatted(DriverInfo.DRIVER_VERSION, Version.getVersionString()),
            "For your reports",
            null));
    if (proxy) {
      findings.add(
          new StoreFinding(
              Severity.INFO,
              "pooling-proxy",
              "A pooling proxy is between this program and the server",
              sessions
                  ? "Wake-ups and migrations bypass it by the option directUrl"
                  : "Hosts are not woken by others, and the version of the store was not checked:"
                      + " both need a session of their own",
              sessions ? null : "wfe.direct-url=postgres://…"));
    }
  }
}
