/** What the threads and processes of a history call. */
@NullMarked
package dev.wfe.histories.workload;

import org.jspecify.annotations.NullMarked;
