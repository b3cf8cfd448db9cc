package shop;

import dev.wfe.host.Workflow;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.persistence.EntityManager;

/** The shop's workflow as a bean. */
@ApplicationScoped
class Workflows {
  /** Waits for the payment, and stores the receipt in the transaction that ends the workflow. */
  @Produces
  Workflow<Purchase> execution() {
    return Workflow.define("order", 1, Purchase.class)
        .await("payment", Purchase.PAID, Purchase::order, Purchase::paid)
        .runInTransaction(
            "book",
            (purchase, transaction) ->
                transaction
                    .unwrap(EntityManager.class)
                    .find(Order.class, purchase.order())
                    .paid(purchase.receipt()))
        .build();
  }
}
