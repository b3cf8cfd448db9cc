package dev.wfe.persistence;

/**
 * A version of a workflow definition.
 *
 * @param definitionId the definition's id
 * @param version the version; not negative
 */
public record DefinitionVersion(String definitionId, int version) {}
