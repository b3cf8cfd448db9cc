/** The contract, held against PostgreSQL, and what of it only PostgreSQL can show. */
@NullMarked
package dev.wfe.postgres.contract;

import org.jspecify.annotations.NullMarked;
