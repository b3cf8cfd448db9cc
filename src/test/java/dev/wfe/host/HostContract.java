package dev.wfe.host;

import dev.wfe.persistence.PersistenceProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;

/**
 * What hosts promise on any provider, with real threads: one class for each rule. Rule 13 is in
 * {@link DefinitionMistakesTest}.
 */
abstract class HostContract {
  /** An empty store. */
  protected abstract PersistenceProvider emptyStore();

  @Nested
  @DisplayName("1. Steps are executed at least once")
  final class Rule1 extends Rule01AtLeastOnce {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("2. Outcomes are applied again if a write is stale")
  final class Rule2 extends Rule02StaleWrites {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("3. A finished step is written with the next group")
  final class Rule3 extends Rule03GroupedWrites {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("4. Sleeping and waiting instances cost nothing")
  final class Rule4 extends Rule04IdleCost {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("5. A dead host's work goes on elsewhere")
  final class Rule5 extends Rule05TakeOver {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("6. Events are delivered")
  final class Rule6 extends Rule06Events {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("7. A failed step leaves its error readable")
  final class Rule7 extends Rule07FailedSteps {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("8. Poison is contained")
  final class Rule8 extends Rule08Poison {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("9. Children end with their parents")
  final class Rule9 extends Rule09Children {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("10. Unknown definitions are left to hosts that know them")
  final class Rule10 extends Rule10UnknownDefinitions {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("11. The database is away for a while")
  final class Rule11 extends Rule11Outage {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("Branches and items are executed at the same time")
  final class ConcurrentBlocks extends ConcurrentBlocksContract {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("Sagas are compensated completely and in order")
  final class Sagas extends SagaContract {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("Schedules start each workflow once")
  final class Schedules extends ScheduleContract {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("Limits hold for all hosts together")
  final class Limits extends LimitedHostContract {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("Calls change instances while hosts execute them")
  final class Control extends ControlContract {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("The scenarios of WorkflowCore")
  final class Scenarios extends WorkflowCoreScenarios {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("Workers do activities")
  final class Workers extends ActivityWorkerContract {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("Workers close and outlive outages")
  final class WorkerOutages extends ActivityWorkerOutageContract {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("Listeners are told of what is stored")
  final class ListenersAreTold extends ListenerContract {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("A host says how it is")
  final class Health extends HealthContract {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("Bad input harms nobody else")
  final class HostileInput extends HostileInputContract {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }

  @Nested
  @DisplayName("Operators are told why an instance does not go on")
  final class Explaining extends ExplainContract {
    @Override
    protected PersistenceProvider emptyStore() {
      return HostContract.this.emptyStore();
    }
  }
}
