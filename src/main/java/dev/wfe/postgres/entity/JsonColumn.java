package dev.wfe.postgres.entity;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hypersistence.utils.hibernate.type.json.JsonNodeBinaryType;

/**
 * Reads and writes JSON trees in {@code jsonb} columns. Numbers keep every digit, SQL NULL is
 * Java's null, and JSON {@code null} is a {@code NullNode}. Malformed JSON causes an exception.
 * Thread-safe.
 */
public final class JsonColumn extends JsonNodeBinaryType {
  /**
   * The largest number in {@code jsonb} has 131,072 digits before the point and 16,383 after it.
   */
  private static final int MAX_NUMBER_LENGTH = 150_000;

  /** A mapper of this class, so that the application's settings do not change what is read. */
  private static final ObjectMapper MAPPER = mapper();

  /** Called by Hibernate. */
  public JsonColumn() {
    super(MAPPER);
  }

  private static ObjectMapper mapper() {
    StreamReadConstraints constraints =
        StreamReadConstraints.builder()
            .maxNumberLength(MAX_NUMBER_LENGTH)
            .maxStringLength(Integer.MAX_VALUE)
            .maxNameLength(Integer.MAX_VALUE)
            .build();
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(constraints)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();
    return JsonMapper.builder(factory)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .build();
  }
}
