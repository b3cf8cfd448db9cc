/** Wake-ups across processes: hosts of one process learn of work that another one made due. */
@NullMarked
package dev.wfe.postgres.wakeups;

import org.jspecify.annotations.NullMarked;
