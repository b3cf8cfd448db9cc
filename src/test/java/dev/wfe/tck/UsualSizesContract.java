package dev.wfe.tck;

import org.junit.jupiter.api.Nested;

/**
 * All contracts but {@link GreatestSizesContract}, which takes as long as all others together. It
 * is for a further store of a provider of which another store runs the {@link WholeContract}, if
 * values go the same way to both: if only the transaction differs, or how the tables were created.
 */
public abstract class UsualSizesContract extends Contract {
  @Nested
  class Workflows extends WorkflowRepositoryContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class StampedTimes extends StampedTimesContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class TokenHolders extends TokenHolderContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class EventBatches extends EventBatchContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Pages extends PagesContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Persisting extends PersistWorkflowContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Revisions extends RevisionContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class UnknownOutcomes extends UnknownOutcomeContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class WorkflowQueries extends WorkflowQueriesContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class FindWorkflows extends FindWorkflowsContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class FindOthers extends FindOthersContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class ExecutionPointers extends ExecutionPointersContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class RoundTrips extends RoundTripContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Events extends EventRepositoryContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Subscriptions extends SubscriptionRepositoryContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class SubscriptionTokens extends SubscriptionTokenContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Subscribing extends SubscribingContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Exclusions extends ExclusionContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class NoLostEvents extends NoLostEventContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class ScheduledCommands extends ScheduledCommandRepositoryContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class CommandHandling extends CommandHandlingContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class StoppedHandling extends StoppedHandlingContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Provider extends PersistenceProviderContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class BadInput extends BadInputContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class MovedCommands extends MovedCommandsContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class BadArguments extends BadArgumentsContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class GreatestKeys extends GreatestKeysContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class MalformedIds extends MalformedIdsContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Writes extends WriteContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Batches extends BatchContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Claims extends ClaimContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Limits extends LimitContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Leases extends LeaseContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Offers extends OfferContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class LiveWorkflows extends LiveWorkflowContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class WakeUps extends WakeUpContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class TransactionWork extends TransactionWorkContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Definitions extends DefinitionContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Deleting extends DeleteContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Purging extends PurgeContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Exporting extends RecordsContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }

  @Nested
  class Hosts extends HostRepositoryContract {
    @Override
    protected StoreUnderTest store() {
      return UsualSizesContract.this.store();
    }
  }
}
