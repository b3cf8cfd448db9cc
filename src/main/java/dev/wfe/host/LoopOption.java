package dev.wfe.host;

/** An option of a block that repeats its steps. */
public sealed interface LoopOption permits Concurrency, History {}
