/** The provider as a bean, in CDI Lite and Full, configured from outside. */
@NullMarked
package dev.wfe.postgres.cdi;

import org.jspecify.annotations.NullMarked;
