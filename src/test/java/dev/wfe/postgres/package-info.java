/** Tests of the public door. */
@NullMarked
package dev.wfe.postgres;

import org.jspecify.annotations.NullMarked;
