/**
 * The command line: starts or finds a PostgreSQL, drives the orders of a file through the store and
 * checks what is in the database at the end. The only package that prints or exits.
 */
@NullMarked
package dev.wfe.cli;

import org.jspecify.annotations.NullMarked;
