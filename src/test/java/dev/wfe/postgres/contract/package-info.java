/** The contract on PostgreSQL, and promises that only PostgreSQL can show. */
@NullMarked
package dev.wfe.postgres.contract;

import org.jspecify.annotations.NullMarked;
