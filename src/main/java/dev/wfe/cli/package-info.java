/**
 * The command line: starts or finds a PostgreSQL server, carries out the orders of a file, and
 * checks the database at the end. The only package that prints or exits.
 */
@NullMarked
package dev.wfe.cli;

import org.jspecify.annotations.NullMarked;
