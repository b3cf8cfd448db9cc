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
 * The settings of a session that the operations rely on. A role, a database, a URL or a pool may
 * have set them otherwise; then the store is not opened.
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
              "the driver needs UTF8: remove it from the URL's options and the pool's initial SQL"),
          new Required(
              "search_path",
              RequiredSettings::namesCatalogFirst,
              "schemas before pg_catalog replace PostgreSQL's functions and operators: name"
                  + " pg_catalog first, or leave it out, which puts it first"),
          new Required(
              "client_min_messages",
              level -> !level.equals("error"),
              "a commit that no synchronous standby confirmed is told by a warning, which must not"
                  + " be suppressed"),
          new Required(
              "session_replication_role",
              role -> !role.equals("replica"),
              "foreign keys and triggers would not be enforced"),
          new Required(
              "exit_on_error",
              exit -> exit.equals("off"),
              "a refused write would end the session, not itself"));

  /** Each of them as a column of a query. */
  static final String COLUMNS =
      ALL.stream()
          .map(required -> "pg_catalog.current_setting('%s')".formatted(required.name()))
          .collect(Collectors.joining(", "));

  private RequiredSettings() {}

  /**
   * One setting.
   *
   * @param why what would happen, and what to do about it
   */
  private record Required(String name, Predicate<String> isSafe, String why) {}

  /**
   * Reads {@link #COLUMNS} from the row.
   *
   * @param first the position of the first of them
   * @throws StoreSetupException naming a setting that is not as needed
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

  /** A schema for temporary objects holds no functions that would be found. */
  private static boolean namesCatalogFirst(String searchPath) {
    List<String> schemas =
        Arrays.stream(NAMES.split(searchPath.strip(), -1))
            .map(name -> name.replace("\"", ""))
            .filter(name -> !name.equals("pg_temp"))
            .toList();
    return schemas.indexOf("pg_catalog") <= 0;
  }
}
