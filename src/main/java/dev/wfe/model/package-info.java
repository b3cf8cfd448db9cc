/**
 * The values of a workflow engine. They are immutable and independent of any database.
 *
 * <p>Every value copies its arguments and returns only unmodifiable objects. When a value is
 * created, times are truncated to microseconds and JSON is normalised, so a value equals itself
 * after a round trip. {@code null} means absent; JSON {@code null} is a {@link
 * com.fasterxml.jackson.databind.node.NullNode} and different from it. Limits are checked when a
 * value is written, by {@code dev.wfe.persistence.ValueLimits}.
 *
 * <p>Jackson's {@code ObjectMapper} with its {@code JavaTimeModule} writes and reads every value,
 * without revisions, tokens and absent fields.
 */
@NullMarked
package dev.wfe.model;

import org.jspecify.annotations.NullMarked;
