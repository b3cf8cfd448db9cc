/** The limits and failures of the operations, tested without any store. */
@NullMarked
package dev.wfe.persistence;

import org.jspecify.annotations.NullMarked;
