/** Opening a provider: connections, checks of the server, failures at the start. */
@NullMarked
package dev.wfe.postgres.opening;

import org.jspecify.annotations.NullMarked;
