/** The main job without end, and whether anything grows. */
@NullMarked
package dev.wfe.postgres.soak;

import org.jspecify.annotations.NullMarked;
