/** Proves that the orders are carried out, wherever the host that does so is stopped. */
@NullMarked
package dev.wfe.cli.orders;

import org.jspecify.annotations.NullMarked;
