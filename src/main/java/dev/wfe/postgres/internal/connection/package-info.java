/** Connection URLs, connection pools, session factories, and the requirements on the server. */
@NullMarked
package dev.wfe.postgres.internal.connection;

import org.jspecify.annotations.NullMarked;
