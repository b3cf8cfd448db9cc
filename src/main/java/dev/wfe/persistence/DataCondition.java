package dev.wfe.persistence;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.ImmutableJson;
import java.util.List;

/** A condition on the data of a workflow. Immutable. */
public sealed interface DataCondition {
  /**
   * The data contains this JSON, as PostgreSQL defines it for {@code jsonb}: an object contains
   * another one if it has all its members, with values that contain the others'. An array contains
   * another one if each element of the other is contained in one of its elements; order and
   * repetitions do not matter. Other values contain only what equals them. In addition, an array
   * that is the whole data contains a text, number, boolean or null that is one of its elements.
   *
   * @param part the JSON that the data contains
   */
  record Contains(JsonNode part) implements DataCondition {
    /**
     * Copies the JSON.
     *
     * @throws InvalidValueException if the JSON cannot be stored; not retryable
     */
    public Contains {
      new FieldChecks("DataCondition", "").json("part", part, null);
      part = ImmutableJson.of(part);
    }
  }

  /**
   * The value at the path compares with this one. Only a value of the same type compares: a number
   * with numbers, a text with texts. Any other value, an absent one included, does not meet the
   * condition, whatever the comparison is.
   *
   * @param path names of members, from the data's top down; not empty. Arrays have no members
   * @param comparison how the stored value, on the left, compares
   * @param value a number or a text; texts compare by the code points of their characters
   */
  record Compares(List<String> path, Comparison comparison, JsonNode value)
      implements DataCondition {
    /**
     * Copies the path and the value.
     *
     * @throws InvalidValueException if a field is null, the path is empty or has more than 100
     *     names, or the value is neither a number nor a text; not retryable
     */
    public Compares {
      FieldChecks checks = new FieldChecks("DataCondition", "");
      path = List.copyOf(ValueLimits.nonNullElements("DataCondition", "path", path));
      if (path.isEmpty() || path.size() > ValueLimits.MAX_JSON_DEPTH) {
        throw checks.refusal(
            "path",
            "has %s names, not between 1 and %s"
                .formatted(path.size(), ValueLimits.MAX_JSON_DEPTH));
      }
      path.forEach(name -> checks.text("path", name));
      checks.nonNull("comparison", comparison);
      checks.json("value", value, null);
      if (!value.isNumber() && !value.isTextual()) {
        throw checks.refusal("value", "is neither a number nor a text");
      }
      value = ImmutableJson.of(value);
    }
  }

  /** How a stored value compares with a given one. */
  enum Comparison {
    /** They are equal. */
    EQ,
    /** They differ, but have the same type. */
    NE,
    /** The stored value is less. */
    LT,
    /** The stored value is less or equal. */
    LE,
    /** The stored value is greater. */
    GT,
    /** The stored value is greater or equal. */
    GE;

    /** Whether values meet it that compare with this result, as of {@link Comparable}. */
    public boolean isMetBy(int result) {
      return switch (this) {
        case EQ -> result == 0;
        case NE -> result != 0;
        case LT -> result < 0;
        case LE -> result <= 0;
        case GT -> result > 0;
        case GE -> result >= 0;
      };
    }
  }
}
