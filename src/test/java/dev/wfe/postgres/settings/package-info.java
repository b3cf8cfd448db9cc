/** Settings of the server, the session and the driver. */
@NullMarked
package dev.wfe.postgres.settings;

import org.jspecify.annotations.NullMarked;
