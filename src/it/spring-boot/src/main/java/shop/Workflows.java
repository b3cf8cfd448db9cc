package shop;

import dev.wfe.host.Workflow;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The shop's workflow as a bean. */
@Configuration
class Workflows {
  /** Waits for the payment, and stores the receipt in the transaction that ends the workflow. */
  @Bean
  Workflow<Purchase> execution(Orders orders) {
    return Workflow.define("order", 1, Purchase.class)
        .await("payment", Purchase.PAID, Purchase::order, Purchase::paid)
        .runInTransaction(
            "book",
            (purchase, transaction) ->
                orders.findById(purchase.order()).orElseThrow().paid(purchase.receipt()))
        .build();
  }
}
