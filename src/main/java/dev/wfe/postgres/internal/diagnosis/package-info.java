/** Examines a store and its server, and says what to do. Changes nothing. */
@NullMarked
package dev.wfe.postgres.internal.diagnosis;

import org.jspecify.annotations.NullMarked;
