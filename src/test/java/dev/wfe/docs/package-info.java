/** The documents agree with what is tested. */
@NullMarked
package dev.wfe.docs;

import org.jspecify.annotations.NullMarked;
