/** The limits and failures of the verbs, tested without any store. */
@NullMarked
package dev.wfe.persistence;

import org.jspecify.annotations.NullMarked;
