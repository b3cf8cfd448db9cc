/**
 * Checks of a deployed store, for the build of an application: subclass {@link
 * dev.wfe.tck.postgres.DeployedStoreContract}. Uses {@code dev.wfe.postgres} too.
 */
@NullMarked
package dev.wfe.tck.postgres;

import org.jspecify.annotations.NullMarked;
