/** The nouns, tested without any store. */
@NullMarked
package dev.wfe.model;

import org.jspecify.annotations.NullMarked;
