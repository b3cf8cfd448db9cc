package dev.wfe.memory;

import dev.wfe.model.Revision;

/** Identifies one write of one workflow: each write makes a new one, which equals only itself. */
final class MemoryRevision implements Revision {}
