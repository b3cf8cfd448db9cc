/** Operations that run at the same time. */
@NullMarked
package dev.wfe.postgres.concurrency;

import org.jspecify.annotations.NullMarked;
