/**
 * Auto-configuration for Spring Boot: a {@link dev.wfe.postgres.PostgresPersistenceProvider} over
 * the application's data source, whose verbs join the transaction that Spring keeps for the thread,
 * and properties under {@code wfe}.
 */
@NullMarked
package dev.wfe.postgres.spring;

import org.jspecify.annotations.NullMarked;
