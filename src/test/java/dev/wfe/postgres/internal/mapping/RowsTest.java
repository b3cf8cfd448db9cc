package dev.wfe.postgres.internal.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import dev.wfe.persistence.UnreadableRowException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.entity.InstantColumn;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RowsTest {
  private static final Pattern REPEATED = Pattern.compile("(.)\\{(\\d+)}");

  /** A row as it was written: JSON and times as text. */
  private static final class WrittenRow extends Row {
    private final Map<String, @Nullable Object> values;

    WrittenRow(FieldList<?, ?> fields, Map<String, @Nullable Object> values) {
      super(fields.table(), (String) values.getOrDefault("id", ""));
      this.values = values;
    }

    @Override
    @Nullable String optionalText(String column) {
      return (String) values.get(column);
    }

    @Override
    @Nullable Integer optionalInteger(String column) {
      return (Integer) values.get(column);
    }

    @Override
    @Nullable Long optionalBigint(String column) {
      return (Long) values.get(column);
    }

    @Override
    @Nullable Boolean optionalBoolean(String column) {
      return (Boolean) values.get(column);
    }

    @Override
    @Nullable Instant optionalInstant(String column) throws SQLException {
      String text = optionalText(column);
      return text == null ? null : InstantColumn.parse(text);
    }

    @Override
    @Nullable JsonNode optionalJson(String column) throws SQLException {
      String text = optionalText(column);
      try {
        return text == null ? null : tree(text);
      } catch (JsonProcessingException unreadable) {
        throw new SQLException(unreadable);
      }
    }
  }

  private static <V> Map<String, @Nullable Object> row(FieldList<V, ?> fields, V value) {
    Map<String, @Nullable Object> row = new HashMap<>();
    for (Field<V, ?> field : fields.fields()) {
      row.put(field.name(), field.getter().apply(value));
    }
    return row;
  }

  private static <V, B> B writtenAndRead(FieldList<V, B> fields, V value) throws SQLException {
    return fields.read(new WrittenRow(fields, row(fields, value)));
  }

  @Test
  void instancesComeBackFromTheirRows() throws Exception {
    for (var instance : EntityMapperTest.instances()) {
      assertThat(writtenAndRead(StoreFields.WORKFLOW, instance).build())
          .isEqualTo(instance.toBuilder().executionPointers(List.of()).build());
    }
  }

  @Test
  void pointersComeBackFromTheirRows() throws Exception {
    for (var pointer : SampleValues.fullInstance("i").executionPointers()) {
      PositionedPointer placed = new PositionedPointer("w", pointer, 9);
      assertThat(writtenAndRead(StoreFields.POINTER, placed).build()).isEqualTo(pointer);
      assertThat(row(StoreFields.POINTER, placed)).containsEntry("position", 9L);
    }
  }

  @Test
  void eventsComeBackFromTheirRows() throws Exception {
    for (var event : EntityMapperTest.events()) {
      assertThat(writtenAndRead(StoreFields.EVENT, event).build()).isEqualTo(event);
    }
  }

  @Test
  void subscriptionsComeBackFromTheirRows() throws Exception {
    for (var subscription : EntityMapperTest.subscriptions()) {
      assertThat(writtenAndRead(StoreFields.SUBSCRIPTION, subscription).build())
          .isEqualTo(subscription);
    }
  }

  @Test
  void errorsComeBackFromTheirRows() throws Exception {
    assertThat(writtenAndRead(StoreFields.ERROR, SampleValues.error("w")).build())
        .isEqualTo(SampleValues.error("w"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name",
        "definition_id",
        "version",
        "status",
        "data",
        "create_time",
      })
  void nullWhereAValueMustBeIsRefusedWithItsColumn(String column) {
    Map<String, @Nullable Object> row = row(StoreFields.WORKFLOW, SampleValues.fullInstance("i"));
    row.put(column, null);

    assertThatThrownBy(() -> StoreFields.WORKFLOW.read(new WrittenRow(StoreFields.WORKFLOW, row)))
        .isInstanceOf(UnreadableRowException.class)
        .hasMessage("Row 'i' of table workflows: column %s is NULL", column);
  }

  @Test
  void nullWhereTheRustProviderHasDefaultsIsThoseDefaults() throws Exception {
    Map<String, @Nullable Object> row =
        row(StoreFields.POINTER, new PositionedPointer("w", SampleValues.emptyPointer("p"), 1));
    for (String column :
        List.of("event_published", "retry_count", "children", "scope", "extension_attributes")) {
      row.put(column, null);
    }

    assertThat(StoreFields.POINTER.read(new WrittenRow(StoreFields.POINTER, row)).build())
        .isEqualTo(SampleValues.emptyPointer("p"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"9{1000}", "-9{1000}", "0.0{998}1", "-9{500}.9{500}"})
  void everyNumberThatMayBeWrittenIsRead(String pattern) throws JsonProcessingException {
    JsonNode number = DecimalNode.valueOf(new BigDecimal(expanded(pattern)));

    assertThat(ValueLimits.storedJsonProblem(number)).isNull();
    assertThat(tree(expanded(pattern)).decimalValue()).isEqualTo(number.decimalValue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"9{1001}", "-9{1001}", "0.0{999}1", "9{501}.9{500}", "-9{501}.9{500}"})
  void aLongerNumberIsNotRead(String pattern) {
    assertThatThrownBy(() -> tree(expanded(pattern))).isInstanceOf(JsonProcessingException.class);
  }

  @Test
  void theParserHoldsTheSameLimitOfDepth() throws JsonProcessingException {
    int depth = ValueLimits.MAX_STORED_JSON_DEPTH;
    String deepest = "[".repeat(depth) + "]".repeat(depth);

    assertThat(ValueLimits.storedJsonProblem(tree(deepest))).isNull();
    assertThatThrownBy(() -> tree("[" + deepest + "]")).isInstanceOf(JsonProcessingException.class);
  }

  private static JsonNode tree(String text) throws JsonProcessingException {
    return Json.tree(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String expanded(String pattern) {
    return REPEATED
        .matcher(pattern)
        .replaceAll(found -> found.group(1).repeat(Integer.parseInt(found.group(2))));
  }
}
