package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.Topic;
import java.time.Instant;
import java.util.List;

/**
 * How an activity is stored. An offer is a subscription that workers hold; the result is an event
 * for which the pointer waits. Both belong to one attempt. Thread-safe.
 */
final class Activities {
  /** The name of the topic of offers; its key is the name of the activity type. */
  static final String OFFER = "activity offer";

  /** The name of the topic of results; its key is the id of the pointer. */
  static final String RESULT = "activity result";

  private static final String INPUT = "input";
  private static final String RESULT_ID = "resultId";
  private static final String ATTEMPT = "attempt";
  private static final String OUTPUT = "output";
  private static final String ERROR = "error";

  private Activities() {}

  /**
   * The subscriptions of an attempt.
   *
   * @param reported the results of earlier attempts
   * @param created when the instance was created
   */
  static List<EventSubscription> subscriptions(
      String workflowId,
      ExecutionPointer pointer,
      String type,
      JsonNode input,
      Consumed.Events reported,
      Instant created,
      Instant now) {
    return List.of(
        EventSubscription.builder(workflowId, pointer.id(), RESULT, pointer.id())
            .id(pointer.id())
            .stepId(pointer.stepId())
            .subscribeAsOf(reported.from(created))
            .excludedEventIds(reported.ids())
            .build(),
        EventSubscription.builder(workflowId, pointer.id(), OFFER, type)
            .id(offerId(pointer))
            .stepId(pointer.stepId())
            .subscribeAsOf(now)
            .subscriptionData(
                JsonNodeFactory.instance
                    .objectNode()
                    .put(RESULT_ID, Ids.next())
                    .put(ATTEMPT, pointer.retryCount() + 1)
                    .set(INPUT, input))
            .build());
  }

  /** The topic of the results of the pointer. */
  static Topic resultTopic(ExecutionPointer pointer) {
    return new Topic(RESULT, pointer.id());
  }

  static String offerId(ExecutionPointer pointer) {
    return pointer.id() + "/offer";
  }

  static JsonNode input(EventSubscription offer) {
    return data(offer).path(INPUT);
  }

  /**
   * The id of the event with the result. All workers that take the offer use it, so the first
   * result counts. The next offer has another one, also after {@link WorkflowClient#retry}.
   */
  static String resultId(EventSubscription offer) {
    return data(offer).path(RESULT_ID).asText();
  }

  static int attempt(EventSubscription offer) {
    return data(offer).path(ATTEMPT).asInt(1);
  }

  private static JsonNode data(EventSubscription offer) {
    return offer.subscriptionData() == null
        ? JsonNodeFactory.instance.objectNode()
        : offer.subscriptionData();
  }

  static JsonNode completed(JsonNode output) {
    return JsonNodeFactory.instance.objectNode().set(OUTPUT, output);
  }

  static JsonNode failed(String message) {
    return JsonNodeFactory.instance.objectNode().put(ERROR, message);
  }

  static boolean isFailure(JsonNode result) {
    return result.has(ERROR);
  }

  static String error(JsonNode result) {
    return result.path(ERROR).asText();
  }

  static JsonNode output(JsonNode result) {
    return result.path(OUTPUT);
  }
}
