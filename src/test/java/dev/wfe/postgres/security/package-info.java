/** Encryption, roles with few rights, and secrets in messages. */
@NullMarked
package dev.wfe.postgres.security;

import org.jspecify.annotations.NullMarked;
