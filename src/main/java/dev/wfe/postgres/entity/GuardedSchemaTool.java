package dev.wfe.postgres.entity;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.hibernate.boot.Metadata;
import org.hibernate.boot.model.relational.ContributableDatabaseObject;
import org.hibernate.mapping.PersistentClass;
import org.hibernate.tool.schema.internal.exec.GenerationTarget;
import org.hibernate.tool.schema.internal.exec.JdbcContext;
import org.hibernate.tool.schema.spi.ContributableMatcher;
import org.hibernate.tool.schema.spi.DelayedDropAction;
import org.hibernate.tool.schema.spi.ExceptionHandler;
import org.hibernate.tool.schema.spi.ExecutionOptions;
import org.hibernate.tool.schema.spi.ExtractionTool;
import org.hibernate.tool.schema.spi.SchemaCreator;
import org.hibernate.tool.schema.spi.SchemaDropper;
import org.hibernate.tool.schema.spi.SchemaManagementTool;
import org.hibernate.tool.schema.spi.SchemaMigrator;
import org.hibernate.tool.schema.spi.SchemaTruncator;
import org.hibernate.tool.schema.spi.SchemaValidator;
import org.hibernate.tool.schema.spi.SourceDescriptor;
import org.hibernate.tool.schema.spi.TargetDescriptor;

/**
 * Keeps Hibernate's schema management away from the store's tables: Hibernate validates them, but
 * does not create, change or drop them. It drops no schema of a unit that has the store's entities.
 * Thread-safe if the delegate is.
 */
final class GuardedSchemaTool implements SchemaManagementTool {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // services are never serialised
  private final SchemaManagementTool guarded;

  private GuardedSchemaTool(SchemaManagementTool guarded) {
    this.guarded = guarded;
  }

  static SchemaManagementTool of(SchemaManagementTool tool) {
    return tool instanceof GuardedSchemaTool ? tool : new GuardedSchemaTool(tool);
  }

  /** Matches what the given matcher matches, except the tables of the store's entities. */
  private static ContributableMatcher others(Metadata metadata, ContributableMatcher matcher) {
    Set<ContributableDatabaseObject> stored = new HashSet<>();
    for (PersistentClass entity : metadata.getEntityBindings()) {
      if (StoreEntities.isStored(entity)) {
        stored.add(entity.getTable());
      }
    }
    return object -> matcher.matches(object) && !stored.contains(object);
  }

  @Override
  public SchemaCreator getSchemaCreator(Map<String, Object> settings) {
    SchemaCreator creator = guarded.getSchemaCreator(settings);
    return (metadata, options, matcher, source, target) ->
        creator.doCreation(metadata, options, others(metadata, matcher), source, target);
  }

  @Override
  public SchemaMigrator getSchemaMigrator(Map<String, Object> settings) {
    SchemaMigrator migrator = guarded.getSchemaMigrator(settings);
    return (metadata, options, matcher, target) ->
        migrator.doMigration(metadata, options, others(metadata, matcher), target);
  }

  @Override
  public SchemaTruncator getSchemaTruncator(Map<String, Object> settings) {
    SchemaTruncator truncator = guarded.getSchemaTruncator(settings);
    return (metadata, options, matcher, target) ->
        truncator.doTruncate(metadata, options, others(metadata, matcher), target);
  }

  @Override
  public SchemaDropper getSchemaDropper(Map<String, Object> settings) {
    return new Dropper(guarded.getSchemaDropper(settings));
  }

  @Override
  public SchemaValidator getSchemaValidator(Map<String, Object> settings) {
    return guarded.getSchemaValidator(settings);
  }

  @Override
  public void setCustomDatabaseGenerationTarget(GenerationTarget target) {
    guarded.setCustomDatabaseGenerationTarget(target);
  }

  @Override
  public ExtractionTool getExtractionTool() {
    return guarded.getExtractionTool();
  }

  @Override
  public GenerationTarget[] buildGenerationTargets(
      TargetDescriptor target,
      JdbcContext context,
      Map<String, Object> settings,
      boolean needsAutoCommit) {
    return guarded.buildGenerationTargets(target, context, settings, needsAutoCommit);
  }

  private record Dropper(SchemaDropper guarded) implements SchemaDropper {
    @Override
    public void doDrop(
        Metadata metadata,
        ExecutionOptions options,
        ContributableMatcher matcher,
        SourceDescriptor source,
        TargetDescriptor target) {
      guarded.doDrop(
          metadata, keeping(metadata, options), others(metadata, matcher), source, target);
    }

    @Override
    public DelayedDropAction buildDelayedAction(
        Metadata metadata,
        ExecutionOptions options,
        ContributableMatcher matcher,
        SourceDescriptor source) {
      return guarded.buildDelayedAction(
          metadata, keeping(metadata, options), others(metadata, matcher), source);
    }

    private static ExecutionOptions keeping(Metadata metadata, ExecutionOptions options) {
      return metadata.getEntityBindings().stream().anyMatch(StoreEntities::isStored)
          ? new KeepingSchemas(options)
          : options;
    }
  }

  /** The options, except that no schema is dropped. */
  private record KeepingSchemas(ExecutionOptions options) implements ExecutionOptions {
    @Override
    public Map<String, Object> getConfigurationValues() {
      return options.getConfigurationValues();
    }

    @Override
    public boolean shouldManageNamespaces() {
      return false;
    }

    @Override
    public ExceptionHandler getExceptionHandler() {
      return options.getExceptionHandler();
    }
  }
}
