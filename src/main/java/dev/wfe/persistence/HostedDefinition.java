package dev.wfe.persistence;

/**
 * A version of a definition that a host executes.
 *
 * @param definition the definition and its version
 * @param limits the limits under which the host claims workflows of the definition, all versions
 *     together
 */
public record HostedDefinition(DefinitionVersion definition, ClaimLimits limits) {
  /** A definition without limits. */
  public HostedDefinition(DefinitionVersion definition) {
    this(definition, new ClaimLimits(null, null, null));
  }
}
