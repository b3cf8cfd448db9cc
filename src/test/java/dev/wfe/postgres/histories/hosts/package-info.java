/** Histories of hosts: random workflows, executed by processes under faults. */
@NullMarked
package dev.wfe.postgres.histories.hosts;

import org.jspecify.annotations.NullMarked;
