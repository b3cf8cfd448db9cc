/**
 * Auto-configuration for Spring Boot: a {@link dev.wfe.postgres.PostgresPersistenceProvider} that
 * uses the application's data source and joins Spring's transactions, with properties under {@code
 * wfe}.
 */
@NullMarked
package dev.wfe.postgres.spring;

import org.jspecify.annotations.NullMarked;
