/** Providers behind a pooling proxy. */
@NullMarked
package dev.wfe.postgres.proxy;

import org.jspecify.annotations.NullMarked;
