package dev.wfe.cli.orders;

import java.util.Arrays;
import java.util.Optional;

/** The steps of an order's workflow. */
public enum Step {
  /** Takes the goods out of the stock. */
  RESERVE_STOCK(0, "reserve-stock", true),
  /** Waits for the event of the payment. */
  AWAIT_PAYMENT(1, "await-payment", false),
  /** Starts the two steps after it, side by side, and waits for both. */
  PACK(2, "pack", false),
  /** Within {@link #PACK}: puts the goods into a box. */
  PACK_GOODS(3, "pack-goods", true),
  /** Within {@link #PACK}: prints the papers that go with them. */
  PACK_PAPERS(4, "pack-papers", true),
  /** Offers the parcel to outside workers and waits for the event of its being shipped. */
  SHIP(5, "ship", true),
  /** Waits for a time. */
  COOL_OFF(6, "cool-off", false),
  /** Ends the workflow. */
  CLOSE(7, "close", true);

  private final int stepId;
  private final String title;
  private final boolean mayFail;

  Step(int stepId, String title, boolean mayFail) {
    this.stepId = stepId;
    this.title = title;
    this.mayFail = mayFail;
  }

  /** The step of the id. */
  static Step of(int stepId) {
    return Arrays.stream(values())
        .filter(step -> step.stepId == stepId)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No step has the id " + stepId));
  }

  /** The step of the title, if there is one. */
  static Optional<Step> titled(String title) {
    return Arrays.stream(values()).filter(step -> step.title.equals(title)).findFirst();
  }

  /** Its name in the store and in the orders file. */
  public String title() {
    return title;
  }

  /** Whether an order may ask for its failing once. */
  boolean mayFail() {
    return mayFail;
  }

  int stepId() {
    return stepId;
  }
}
