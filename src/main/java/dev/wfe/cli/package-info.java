/**
 * The command line program. It starts PostgreSQL or connects to a server, executes the orders of a
 * file as workflows, and checks the database at the end. Only this package prints or exits.
 */
@NullMarked
package dev.wfe.cli;

import org.jspecify.annotations.NullMarked;
