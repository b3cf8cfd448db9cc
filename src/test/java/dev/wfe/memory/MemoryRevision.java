package dev.wfe.memory;

import dev.wfe.model.Revision;

/** One write of one workflow: each write makes a new one, and it equals only itself. */
final class MemoryRevision implements Revision {}
