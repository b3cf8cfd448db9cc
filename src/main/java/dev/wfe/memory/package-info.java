/**
 * A provider that keeps everything in memory, for tests of hosts: {@link
 * InMemoryPersistenceProvider}. It needs no database.
 */
@NullMarked
package dev.wfe.memory;

import org.jspecify.annotations.NullMarked;
