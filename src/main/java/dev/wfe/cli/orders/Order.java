package dev.wfe.cli.orders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a customer wants: one line of the orders file.
 *
 * @param id unique in the file
 * @param customer who wants it
 * @param item what
 * @param quantity how many; at least 1
 * @param amountCents what it costs altogether; not negative
 * @param orderedAt when it was ordered
 * @param paidAt when it was paid; not before {@code orderedAt}
 * @param payment whether word of the payment comes before or after the order itself
 * @param failsOnceAt the step that fails at its first attempt, or null
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
  /** When word of the payment comes. */
  public enum Payment {
    /** Before the order, so before its workflow waits for it. */
    EARLY,
    /** When all orders of the file have come. */
    LATE
  }

  /** As it stands in a line of the file and in the data of its workflow. */
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
