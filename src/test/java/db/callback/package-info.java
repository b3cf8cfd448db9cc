/** The place where Flyway looks for an application's callbacks. */
@NullMarked
package db.callback;

import org.jspecify.annotations.NullMarked;
