/** The store as a bean. */
@NullMarked
package dev.wfe.postgres.cdi;

import org.jspecify.annotations.NullMarked;
