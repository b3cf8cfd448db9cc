package dev.wfe.cli.orders;

import java.util.Arrays;
import java.util.Optional;

/** The steps of an order's workflow. */
public enum Step {
  /** Reserves the goods in the stock. */
  RESERVE_STOCK(0, "reserve-stock", true),
  /** Waits for the payment event. */
  AWAIT_PAYMENT(1, "await-payment", false),
  /** Starts the next two steps in parallel and waits for both. */
  PACK(2, "pack", false),
  /** Within {@link #PACK}: puts the goods into a box. */
  PACK_GOODS(3, "pack-goods", true),
  /** Within {@link #PACK}: prints the shipping papers. */
  PACK_PAPERS(4, "pack-papers", true),
  /** Offers the parcel to external workers and waits for the event that it was shipped. */
  SHIP(5, "ship", true),
  /** Waits for some time. */
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

  /** The step with the id. */
  static Step of(int stepId) {
    return Arrays.stream(values())
        .filter(step -> step.stepId == stepId)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No step has the id " + stepId));
  }

  /** The step with the title, if there is one. */
  static Optional<Step> titled(String title) {
    return Arrays.stream(values()).filter(step -> step.title.equals(title)).findFirst();
  }

  /** Its name in the store and in the orders file. */
  public String title() {
    return title;
  }

  /** Whether an order can make this step fail once. */
  boolean mayFail() {
    return mayFail;
  }

  int stepId() {
    return stepId;
  }
}
