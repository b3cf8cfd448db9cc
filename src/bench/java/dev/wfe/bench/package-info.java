/** What the verbs cost, side by side with other ways of doing the same. */
@NullMarked
package dev.wfe.bench;

import org.jspecify.annotations.NullMarked;
