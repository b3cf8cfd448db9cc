/**
 * Adds the provider as a bean in CDI Lite and CDI Full, configured with {@link
 * dev.wfe.postgres.cdi.CdiSettings}.
 */
@NullMarked
package dev.wfe.postgres.cdi;

import org.jspecify.annotations.NullMarked;
