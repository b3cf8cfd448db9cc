/** Checks that all orders are carried out, wherever their host is stopped. */
@NullMarked
package dev.wfe.cli.orders;

import org.jspecify.annotations.NullMarked;
