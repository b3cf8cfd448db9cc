package dev.wfe.postgres.internal.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Revision;
import java.lang.reflect.RecordComponent;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The other tests of this package cover every field, new ones included. */
final class SampleValuesTest {
  static Stream<Record[]> samples() {
    return Stream.of(
        new Record[] {SampleValues.fullInstance("i"), SampleValues.emptyInstance("i")},
        new Record[] {SampleValues.fullPointer("i"), SampleValues.emptyPointer("i")},
        new Record[] {SampleValues.fullEvent("i"), SampleValues.emptyEvent("i")},
        new Record[] {SampleValues.fullSubscription("i"), SampleValues.emptySubscription("i")});
  }

  @ParameterizedTest
  @MethodSource("samples")
  void aFullValueHasAnotherThanTheEmptyOneInEveryFieldThatMayBeLeftOut(Record full, Record empty)
      throws ReflectiveOperationException {
    for (RecordComponent component : full.getClass().getRecordComponents()) {
      Object value = component.getAccessor().invoke(full);
      if (component.getType() == Revision.class) {
        continue;
      }
      assertThat(value).as(component.getName()).isNotNull();
      if (isOptional(component)) {
        assertThat(value)
            .as(component.getName())
            .isNotEqualTo(component.getAccessor().invoke(empty));
      }
    }
  }

  /** The others are the keys that both samples need. */
  private static boolean isOptional(RecordComponent component) {
    return switch (component.getName()) {
      case "id", "workflowDefinitionId", "workflowId", "executionPointerId", "eventName" -> false;
      default -> true;
    };
  }
}
