/** Tests of the limits and exceptions of the operations, without a store. */
@NullMarked
package dev.wfe.persistence;

import org.jspecify.annotations.NullMarked;
