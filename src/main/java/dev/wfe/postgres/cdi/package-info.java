/** The provider as a bean in CDI Lite and Full, configured by settings of the environment. */
@NullMarked
package dev.wfe.postgres.cdi;

import org.jspecify.annotations.NullMarked;
