/**
 * The terminal program {@code wfe}: it finds, shows and controls the workflows of a store, and has
 * a demo that executes the orders of a file as workflows. Uses only what the library publishes.
 * Only this package prints or exits.
 */
@NullMarked
package dev.wfe.cli;

import org.jspecify.annotations.NullMarked;
