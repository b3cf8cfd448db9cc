/** Other programs on the same tables, among them the Rust provider. */
@NullMarked
package dev.wfe.postgres.interoperability;

import org.jspecify.annotations.NullMarked;
