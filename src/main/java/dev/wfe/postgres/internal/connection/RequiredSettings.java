package dev.wfe.postgres.internal.connection;

import dev.wfe.persistence.StoreSetupException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The session settings that the operations rely on. A role, a database, a URL or a pool may set
 * other values; then the provider is not opened. Thread-safe.
 */
final class RequiredSettings {
  private static final Pattern NAMES = Pattern.compile("\\s*,\\s*");

  private static final List<Required> ALL =
      List.of(
          new Required(
              "server_encoding",
              encoding -> encoding.equals("UTF8"),
              "the database cannot hold every text; the store needs UTF8: create a database with"
                  + " encoding 'UTF8' template template0"),
          new Required(
              "client_encoding",
              encoding -> encoding.equals("UTF8"),
              "the driver needs UTF8: remove the setting from the URL's options and the pool's"
                  + " initial SQL"),
          new Required(
              "search_path",
              RequiredSettings::searchesCatalogFirst,
              "schemas listed before pg_catalog can replace PostgreSQL's functions and operators:"
                  + " list pg_catalog first or leave it out (PostgreSQL then searches it first)"),
          new Required(
              "client_min_messages",
              level -> !level.equals("error"),
              "it suppresses the warning by which PostgreSQL reports a commit that no synchronous"
                  + " standby confirmed; set it to warning or a lower level"),
          new Required(
              "session_replication_role",
              role -> !role.equals("replica"),
              "foreign keys and triggers are not enforced; set it to origin"),
          new Required(
              "exit_on_error",
              exit -> exit.equals("off"),
              "a rejected statement would end the whole session; set it to off"));

  /** The select list that reads all required settings. */
  static final String COLUMNS =
      ALL.stream()
          .map(required -> "pg_catalog.current_setting('%s')".formatted(required.name()))
          .collect(Collectors.joining(", "));

  private RequiredSettings() {}

  /**
   * A required setting.
   *
   * @param name the name of the setting
   * @param isSafe whether a value is acceptable
   * @param why what an unacceptable value causes, and how to correct it
   */
  private record Required(String name, Predicate<String> isSafe, String why) {}

  /**
   * Checks the values of {@link #COLUMNS} in the current row.
   *
   * @param first the column index of the first setting
   * @throws StoreSetupException naming the first setting whose value is not acceptable
   */
  static void require(ResultSet row, int first) throws SQLException {
    for (int i = 0; i < ALL.size(); i++) {
      Required required = ALL.get(i);
      String value = row.getString(first + i);
      if (!required.isSafe().test(value)) {
        throw new StoreSetupException(
            "The setting %s is %s in this session: %s"
                .formatted(required.name(), value, required.why()),
            null);
      }
    }
  }

  /** Ignores {@code pg_temp}, because PostgreSQL never searches it for functions and operators. */
  private static boolean searchesCatalogFirst(String searchPath) {
    List<String> schemas =
        Arrays.stream(NAMES.split(searchPath.strip(), -1))
            .map(name -> name.replace("\"", ""))
            .filter(name -> !name.equals("pg_temp"))
            .toList();
    return schemas.indexOf("pg_catalog") <= 0;
  }
}
