package dev.wfe.cli.orders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An order of a customer: one line of the orders file.
 *
 * @param id unique in the file
 * @param customer the customer's name
 * @param item the item that is ordered
 * @param quantity number of items; at least 1
 * @param amountCents total price in cents; not negative
 * @param orderedAt when it was ordered
 * @param paidAt when it was paid; not before {@code orderedAt}
 * @param payment whether the event of the payment is published before or after the order's workflow
 *     is created
 * @param failsOnceAt the step that fails on its first attempt, or null
 */
public record Order(
    String id,
    String customer,
    String item,
    int quantity,
    long amountCents,
    Instant orderedAt,
    Instant paidAt,
    Payment payment,
    @Nullable Step failsOnceAt) {
  /** When the event of the payment is published. */
  public enum Payment {
    /** Before the workflow is created, so before it waits for the event. */
    EARLY,
    /** After the workflows of all orders were created. */
    LATE
  }

  /** The JSON of a line in the file and in the data of the workflow. */
  public JsonNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("id", id)
        .put("customer", customer)
        .put("item", item)
        .put("quantity", quantity)
        .put("amountCents", amountCents)
        .put("orderedAt", orderedAt.toString())
        .put("paidAt", paidAt.toString())
        .put("payment", payment == Payment.EARLY ? "early" : "late");
    if (failsOnceAt != null) {
      json.put("failsOnceAt", failsOnceAt.title());
    }
    return json;
  }
}
