/** Opens and closes the components of a provider. */
@NullMarked
package dev.wfe.postgres.internal.runtime;

import org.jspecify.annotations.NullMarked;
