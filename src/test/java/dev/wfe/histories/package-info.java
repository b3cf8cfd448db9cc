/**
 * Records the calls of real threads and processes and their results, and checks whether a store
 * that keeps its promises could have given these results. Uses only the model and the operations;
 * see the README in this folder.
 */
@NullMarked
package dev.wfe.histories;

import org.jspecify.annotations.NullMarked;
