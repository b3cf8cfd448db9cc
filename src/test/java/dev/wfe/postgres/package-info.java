/** The options. Tests of the other entry points are in packages of their own. */
@NullMarked
package dev.wfe.postgres;

import org.jspecify.annotations.NullMarked;
