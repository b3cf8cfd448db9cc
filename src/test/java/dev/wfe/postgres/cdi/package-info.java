/** The provider as a CDI bean. */
@NullMarked
package dev.wfe.postgres.cdi;

import org.jspecify.annotations.NullMarked;
