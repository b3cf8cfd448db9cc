/** Tests of the project as a whole. */
@NullMarked
package dev.wfe;

import org.jspecify.annotations.NullMarked;
