/**
 * What an application's build can hold its deployed store in PostgreSQL to: subclass {@link
 * dev.wfe.tck.postgres.DeployedStoreContract}. Knows {@code dev.wfe.postgres} besides.
 */
@NullMarked
package dev.wfe.tck.postgres;

import org.jspecify.annotations.NullMarked;
