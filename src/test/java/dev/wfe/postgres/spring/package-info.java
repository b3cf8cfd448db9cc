/** Auto-configuration and transactions under Spring Boot. */
@NullMarked
package dev.wfe.postgres.spring;

import org.jspecify.annotations.NullMarked;
