/**
 * The contract of a store as tests, for whoever builds one: subclass {@link
 * dev.wfe.tck.WholeContract}, or single contracts, and name your {@link
 * dev.wfe.tck.StoreUnderTest}. Knows only {@code dev.wfe.model} and {@code dev.wfe.persistence}.
 *
 * <p>Tests use ids of their own and share one store; those that need an empty one empty it. Nothing
 * here depends on how fast a store is, and nothing sleeps.
 */
@NullMarked
package dev.wfe.tck;

import org.jspecify.annotations.NullMarked;
