/**
 * The contract of the repositories as tests, for everybody who implements them: subclass {@link
 * dev.wfe.tck.WholeContract}, or single contracts, and supply your {@link
 * dev.wfe.tck.StoreUnderTest}. Uses only {@code dev.wfe.model} and {@code dev.wfe.persistence}.
 *
 * <p>Tests use ids of their own and share one store; a test that needs an empty store empties it.
 * No test depends on the speed of a store, and none sleeps.
 */
@NullMarked
package dev.wfe.tck;

import org.jspecify.annotations.NullMarked;
