/** Orders at full speed for a long time, and checks that nothing grows. */
@NullMarked
package dev.wfe.postgres.soak;

import org.jspecify.annotations.NullMarked;
