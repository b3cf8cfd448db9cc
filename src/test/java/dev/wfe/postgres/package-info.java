/** Tests of the public entry points. */
@NullMarked
package dev.wfe.postgres;

import org.jspecify.annotations.NullMarked;
