package dev.wfe.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FailuresTest {
  @Test
  void everyFailureCarriesItsIdsAndSaysWhetherTryingAgainHelps() {
    List<String> ids = List.of("id");

    assertThat(new NotFoundException(Subject.EVENT, "id").ids()).isEqualTo(ids);
    assertThat(NotFoundException.workflowNamed("id").ids()).isEqualTo(ids);
    assertThat(new StaleRevisionException("id").ids()).isEqualTo(ids);
    assertThat(new StaleRevisionException("id").retryable()).isFalse();
    assertThat(new DuplicateException(Subject.WORKFLOW, "name", "id").ids()).isEqualTo(ids);
    assertThat(new UnreadableRowException("t", "id", "c", "p", null).ids()).isEqualTo(ids);
    assertThat(new StoreUnavailableException("m", ids, null).retryable()).isTrue();
    assertThat(new UnknownOutcomeException("operation", true, ids, null).retryable()).isTrue();
    assertThat(new UnknownOutcomeException("operation", false, ids, null).retryable()).isFalse();
    assertThat(new UnknownOutcomeException("operation", false, ids, null).ids()).isEqualTo(ids);
  }

  @Test
  void aWrongTokenIsAlsoSomethingNotFound() {
    TokenMismatchException mismatch = new TokenMismatchException("the-subscription");

    assertThat(mismatch).isInstanceOf(NotFoundException.class);
    assertThat(mismatch.subject()).isEqualTo(Subject.SUBSCRIPTION);
    assertThat(mismatch).hasMessageContaining("'the-subscription'");
  }

  @Test
  void aDuplicateSaysWhatIsTaken() {
    DuplicateException duplicate = new DuplicateException(Subject.EXECUTION_POINTER, "id", "p1");

    assertThat(duplicate).hasMessage("The id of execution pointer 'p1' is taken");
    assertThat(duplicate.subject()).isEqualTo(Subject.EXECUTION_POINTER);
    assertThat(duplicate.field()).isEqualTo("id");
    assertThat(duplicate.value()).isEqualTo("p1");
  }

  @Test
  void anUnreadableRowIsNamedWithItsColumn() {
    assertThat(new UnreadableRowException("wfc.events", "e1", "event_time", "is infinite", null))
        .hasMessage("Row 'e1' of table wfc.events: column event_time is infinite");
  }
}
