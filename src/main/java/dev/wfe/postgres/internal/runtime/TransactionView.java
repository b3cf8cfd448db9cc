package dev.wfe.postgres.internal.runtime;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.CompositePersistenceProvider;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.HostRepository;
import dev.wfe.persistence.LeaseRepository;
import dev.wfe.persistence.Registration;
import dev.wfe.persistence.RetentionRepository;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.TransactionWork;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.postgres.internal.repository.Repositories;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a provider in a transaction scope that differs from the provider's default. As
 * thread-safe as the scope.
 */
final class TransactionView extends CompositePersistenceProvider {
  private final ProviderRuntime runtime;
  private final TransactionScope scope;
  private final Repositories repositories;

  TransactionView(ProviderRuntime runtime, TransactionScope scope, Repositories repositories) {
    this.runtime = runtime;
    this.scope = scope;
    this.repositories = repositories;
  }

  private Repositories repositories() {
    runtime.requireOpen();
    return repositories;
  }

  @Override
  protected WorkflowRepository workflows() {
    return repositories().workflows();
  }

  @Override
  protected EventRepository events() {
    return repositories().events();
  }

  @Override
  protected SubscriptionRepository subscriptions() {
    return repositories().subscriptions();
  }

  @Override
  protected ScheduledCommandRepository commands() {
    return repositories().commands();
  }

  @Override
  protected WorkflowQueries queries() {
    return repositories().queries();
  }

  @Override
  public List<Long> persistErrors(List<ExecutionError> errors) {
    return repositories().maintenance().persistErrors(errors);
  }

  @Override
  public void ensureStoreExists() {
    scope.requireIndependent("ensureStoreExists");
    runtime.migrate();
  }

  @Override
  protected RetentionRepository retention() {
    return repositories().retention();
  }

  @Override
  protected HostRepository hosts() {
    return repositories().hosts();
  }

  @Override
  protected LeaseRepository leases() {
    return repositories().leases();
  }

  @Override
  public <T extends @Nullable Object> T inTransaction(TransactionWork<T> work) throws Exception {
    return runtime.inTransaction(scope, work);
  }

  @Override
  public Registration onWorkDue(Runnable listener) {
    return runtime.onWorkDue(listener);
  }
}
