/** Tests of the values, without a store. */
@NullMarked
package dev.wfe.model;

import org.jspecify.annotations.NullMarked;
