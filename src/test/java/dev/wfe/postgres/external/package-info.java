/** Providers over an application's data source or session factory. */
@NullMarked
package dev.wfe.postgres.external;

import org.jspecify.annotations.NullMarked;
