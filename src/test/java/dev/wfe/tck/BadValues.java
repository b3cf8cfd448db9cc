package dev.wfe.tck;

import static dev.wfe.tck.Nothing.nothing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.persistence.ValueLimits;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;

/** All that can be wrong with the fields of a builder {@code B}, by what kind of field each is. */
final class BadValues<B> {
  private static final String NUL = "NUL character at index 1";
  private static final String SURROGATE = "an unpaired surrogate";

  /** Made once, because it is large. */
  private static final JsonNode TOO_LONG =
      TextNode.valueOf("x".repeat(ValueLimits.MAX_JSON_BYTES - 1));

  private final List<BadValue<B>> values = new ArrayList<>();

  List<BadValue<B>> all() {
    return List.copyOf(values);
  }

  private <T> void add(
      String field, BiConsumer<B, T> setter, String problem, String what, T value) {
    values.add(new BadValue<>(field, problem, what, builder -> setter.accept(builder, value)));
  }

  /** What must not be null. */
  <T> BadValues<B> needed(String field, BiConsumer<B, T> setter) {
    add(field, setter, "is null", "null", nothing());
    return this;
  }

  /** Text of any length, or null. */
  BadValues<B> optionalText(String field, BiConsumer<B, String> setter) {
    add(field, setter, NUL, "the NUL character", "a\0b");
    add(field, setter, SURROGATE, "half a pair at the end", "a\ud83d");
    add(field, setter, SURROGATE, "half a pair in the middle", "\ud83da");
    add(field, setter, SURROGATE, "the other half", "\ude00");
    add(field, setter, SURROGATE, "the halves the wrong way round", "\ude00\ud83d");
    return this;
  }

  /** Text of limited length, or null. */
  BadValues<B> optionalKey(String field, BiConsumer<B, String> setter) {
    add(field, setter, "longer than 1024 bytes", "1,025 letters", "x".repeat(1_025));
    add(field, setter, "longer than 1024 bytes", "513 letters of two bytes", "é".repeat(513));
    return optionalText(field, setter);
  }

  /** Text of limited length, which may be empty. */
  BadValues<B> key(String field, BiConsumer<B, String> setter) {
    return needed(field, setter).optionalKey(field, setter);
  }

  /** Text of limited length that is not empty. */
  BadValues<B> filledKey(String field, BiConsumer<B, String> setter) {
    add(field, setter, "is empty", "nothing", "");
    return key(field, setter);
  }

  /** A list of texts of limited length. */
  BadValues<B> keys(String field, BiConsumer<B, List<String>> setter) {
    List<String> withNull = new ArrayList<>();
    withNull.add("a");
    withNull.add(nothing());
    add(field + "[1]", setter, "is null", "a list with null", withNull);
    add(field + "[1]", setter, NUL, "the NUL character", List.of("a", "b\0"));
    add(field + "[0]", setter, SURROGATE, "half a pair", List.of("\ud83d"));
    add(field + "[1]", setter, "longer than 1024", "1,025 letters", List.of("", "x".repeat(1_025)));
    return this;
  }

  /** A list of a limited number of texts of limited length. */
  BadValues<B> keys(String field, BiConsumer<B, List<String>> setter, int most) {
    String problem = "has %s elements, more than %s".formatted(most + 1, most);
    add(field, setter, problem, "too many", Collections.nCopies(most + 1, "a"));
    return keys(field, setter);
  }

  /** A number that is not negative. */
  BadValues<B> notNegative(String field, BiConsumer<B, Integer> setter) {
    add(field, setter, "is -1, less than 0", "-1", -1);
    add(field, setter, "less than 0", "the least number", Integer.MIN_VALUE);
    return this;
  }

  /** An instant or null. */
  BadValues<B> optionalInstant(String field, BiConsumer<B, Instant> setter) {
    Instant first = ValueLimits.MIN_INSTANT;
    Instant last = ValueLimits.MAX_INSTANT;
    add(field, setter, "not between -4713-11-24", "just too early", first.minusNanos(1_000));
    add(field, setter, "and +294276-12-31", "just too late", last.plusNanos(1_000));
    add(field, setter, "not between", "the earliest of all", Instant.MIN);
    add(field, setter, "not between", "the latest of all", Instant.MAX);
    return this;
  }

  BadValues<B> instant(String field, BiConsumer<B, Instant> setter) {
    return needed(field, setter).optionalInstant(field, setter);
  }

  /** JSON or null; as a member of a larger document it is a level deeper. */
  BadValues<B> optionalJson(String field, BiConsumer<B, JsonNode> setter) {
    JsonNode longInteger = BigIntegerNode.valueOf(BigInteger.TEN.pow(1_000));
    JsonNode longFraction = DecimalNode.valueOf(BigDecimal.ONE.movePointLeft(1_000));
    JsonNode farExponent = DecimalNode.valueOf(new BigDecimal("1E+1000000000"));
    JsonNode nul = JsonSamples.JSON.arrayNode().add(TextNode.valueOf("a\0"));
    JsonNode half = TextNode.valueOf("\ud83d");
    add(field, setter, "deeper than 100 levels", "101 levels", JsonSamples.nested(101));
    add(field, setter, "more than 1000 digits", "a long integer", longInteger);
    add(field, setter, "more than 1000 digits", "a long fraction", longFraction);
    add(field, setter, "more than 1000 digits", "a far exponent", farExponent);
    add(field, setter, "longer than 33554432 bytes", "a long document", TOO_LONG);
    add(field, setter, NUL, "the NUL character", nul);
    add(field, setter, NUL, "a NUL name", JsonSamples.JSON.objectNode().put("a\0", 1));
    add(field, setter, SURROGATE, "half a pair", half);
    add(field, setter, SURROGATE, "half a name", JsonSamples.JSON.objectNode().put("\ude00", 1));
    add(field, setter, "not a JSON number", "not a number", DoubleNode.valueOf(Double.NaN));
    add(field, setter, "not JSON", "a missing node", MissingNode.getInstance());
    add(field, setter, "not JSON", "an object", new POJONode(new Object()));
    return this;
  }

  BadValues<B> json(String field, BiConsumer<B, JsonNode> setter) {
    return needed(field, setter).optionalJson(field, setter);
  }
}
