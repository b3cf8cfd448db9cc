package dev.wfe.cli.orders;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
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
 * @param payment whether the payment is published together with the start of the order's workflow
 *     or later
 * @param failsOnceAt the name of the step that fails on its first attempt, or null
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
    @Nullable String failsOnceAt) {
  /** When the payment is published. */
  public enum Payment {
    /** In the transaction that starts the workflow, so before the workflow waits for it. */
    EARLY,
    /** After the workflows of all orders were started. */
    LATE
  }

  /** The id of its workflow. */
  public String workflowId() {
    return OrderWorkflow.ID_PREFIX + id;
  }

  /** The id of the event with its payment. */
  public String paymentId() {
    return workflowId() + "/paid";
  }

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static Order fromJson(JsonNode json) {
    return OrderLine.order(json);
  }

  /** The JSON of a line in the file and in the data of the workflow. */
  @JsonValue
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
      json.put("failsOnceAt", failsOnceAt);
    }
    return json;
  }
}
