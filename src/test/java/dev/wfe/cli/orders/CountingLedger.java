package dev.wfe.cli.orders;

import dev.wfe.host.TransactionContext;
import java.util.concurrent.atomic.AtomicLong;

/** A ledger without a database. An entry whose transaction fails keeps its number. */
final class CountingLedger implements Ledger {
  private final AtomicLong entries = new AtomicLong();

  @Override
  public long book(TransactionContext transaction) {
    return entries.incrementAndGet();
  }
}
