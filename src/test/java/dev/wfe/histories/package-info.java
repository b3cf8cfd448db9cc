/**
 * Records what real threads and processes ask of a store and what they are answered, and checks
 * exactly whether a store that keeps its promises could have answered so. Knows the model and the
 * operations only; see the README beside this file.
 */
@NullMarked
package dev.wfe.histories;

import org.jspecify.annotations.NullMarked;
