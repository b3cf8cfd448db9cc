/** What hosts cost and how fast they react, without another library beside them. */
@NullMarked
package dev.wfe.bench.hosts;

import org.jspecify.annotations.NullMarked;
