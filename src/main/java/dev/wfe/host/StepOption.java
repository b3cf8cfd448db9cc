package dev.wfe.host;

/** An option of a step. */
public sealed interface StepOption permits RetryPolicy, AfterLastAttempt, TimeLimit {}
