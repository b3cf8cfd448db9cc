/** Tests of the meters. */
@NullMarked
package dev.wfe.metrics;

import org.jspecify.annotations.NullMarked;
