/**
 * The PostgreSQL provider compared with a model: random sequences of operations, also run on the
 * in-memory provider, and pairs of operations in every order.
 */
@NullMarked
package dev.wfe.postgres.modelled;

import org.jspecify.annotations.NullMarked;
