package dev.wfe.tck;

import org.junit.jupiter.api.Nested;

/** All contracts for one store. Subclass it and name the store. */
public abstract class WholeContract extends UsualSizesContract {
  @Nested
  class GreatestSizes extends GreatestSizesContract {
    @Override
    protected StoreUnderTest store() {
      return WholeContract.this.store();
    }
  }
}
