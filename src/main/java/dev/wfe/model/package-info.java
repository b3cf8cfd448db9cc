/**
 * The nouns a workflow engine speaks: immutable values that know nothing of any store.
 *
 * <p>Every value copies in what it is given and hands out only what cannot be changed. Times are
 * cut to the microsecond and JSON takes one canonical form when a value is made, so that a value
 * equals itself after a round trip through a store. {@code null} marks what is absent; JSON {@code
 * null} is a {@link com.fasterxml.jackson.databind.node.NullNode} and is something else. Whether a
 * value may be written is checked when it is written, by {@code dev.wfe.persistence.ValueLimits}.
 *
 * <p>Jackson's {@code ObjectMapper} with its {@code JavaTimeModule} writes and reads every value.
 * Revisions and tokens are left out, absent values are not written.
 */
@NullMarked
package dev.wfe.model;

import org.jspecify.annotations.NullMarked;
