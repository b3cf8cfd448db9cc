package dev.wfe.postgres.testing;

/** A change to a deployed store, and what validation says about it. */
public enum Drift {
  ANOTHER_TYPE(
      "alter table wfc.events alter column event_key type varchar(10)",
      "table events, column event_key: is character varying(10), should be text"),
  A_MISSING_COLUMN(
      "alter table wfc.workflows drop column reference",
      "table workflows, column reference: is missing"),
  A_MISSING_UNIQUE_CONSTRAINT(
      "alter table wfc.scheduled_commands"
          + " drop constraint scheduled_commands_command_name_data_key",
      "table scheduled_commands, column command_name, data: should be unique"),
  A_MISSING_TABLE("drop table wfc.execution_errors", "table execution_errors is missing");

  private final String sql;
  private final String difference;

  Drift(String sql, String difference) {
    this.sql = sql;
    this.difference = difference;
  }

  /** Makes the store so. */
  public void happenTo(TestDatabase database) {
    database.execute(sql);
  }

  /** The line that tells of it. */
  public String difference() {
    return difference;
  }
}
