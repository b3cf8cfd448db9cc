/**
 * A small workflow host for the orders of a file: an example of how an engine uses a store. Of this
 * library it knows the nouns of {@code dev.wfe.model} and the verbs of {@code dev.wfe.persistence}
 * alone.
 *
 * <p>An order's workflow is made of {@link dev.wfe.cli.orders.Step}s. {@link
 * dev.wfe.cli.orders.OrderPass} decides, without touching the store, what one look at a workflow
 * changes; the {@link dev.wfe.cli.orders.Worker}s read, let it decide, and write.
 *
 * <p>Everything is decided from what the store holds, all ids follow from the order's, and every
 * write is guarded by a revision or harmless when repeated. So a worker may be killed between any
 * two verbs: the next one to look goes on from there. Where two verbs belong together, the one
 * whose absence would be missed comes first, and a comment says so.
 */
@NullMarked
package dev.wfe.cli.orders;

import org.jspecify.annotations.NullMarked;
