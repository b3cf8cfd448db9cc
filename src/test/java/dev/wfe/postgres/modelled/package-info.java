/**
 * The store against a model of it: random sequences of verbs beside the store in memory, and pairs
 * of verbs in every order in which they can meet.
 */
@NullMarked
package dev.wfe.postgres.modelled;

import org.jspecify.annotations.NullMarked;
