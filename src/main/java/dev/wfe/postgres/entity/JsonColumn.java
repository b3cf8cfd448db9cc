package dev.wfe.postgres.entity;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hypersistence.utils.hibernate.type.json.JsonNodeBinaryType;

/**
 * JSON trees in {@code jsonb} columns: numbers keep every digit, SQL NULL is Java's null, JSON
 * {@code null} is a {@code NullNode}, and what cannot be read as a tree is an exception.
 * Thread-safe.
 */
public final class JsonColumn extends JsonNodeBinaryType {
  /** What {@code jsonb} can hold in one number: 131,072 digits before the point, 16,383 after. */
  private static final int MAX_NUMBER_LENGTH = 150_000;

  /** One mapper of our own, so that no application's settings change what is read. */
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
