package dev.wfe.cli.orders;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads orders from JSON lines in UTF-8: all or none. Skips empty lines. */
public final class OrderFile {
  private static final ObjectReader JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(JsonNode.class);

  private OrderFile() {}

  /**
   * Reads the orders from the content of a file, in the order of the lines.
   *
   * @throws BadOrdersException for the first line that is not a valid order or repeats an id, or if
   *     there is no order at all
   */
  public static List<Order> read(byte[] content) {
    List<Order> orders = new ArrayList<>();
    Map<String, Integer> lineOfId = new HashMap<>();
    int lineNumber = 0;
    for (int start = 0; start < content.length; ) {
      int end = endOfLine(content, start);
      lineNumber++;
      if (!isBlank(content, start, end)) {
        Order order = read(content, start, end, lineNumber);
        Integer earlier = lineOfId.putIfAbsent(order.id(), lineNumber);
        if (earlier != null) {
          throw new BadOrdersException(
              "Line %s: the id \"%s\" is used in line %s already"
                  .formatted(lineNumber, order.id(), earlier));
        }
        orders.add(order);
      }
      start = end + 1;
    }
    if (orders.isEmpty()) {
      throw new BadOrdersException("The file contains no orders");
    }
    return List.copyOf(orders);
  }

  private static Order read(byte[] content, int start, int end, int lineNumber) {
    try {
      return OrderLine.order(JSON.readValue(content, start, end - start));
    } catch (BadOrdersException e) {
      throw new BadOrdersException("Line %s: %s".formatted(lineNumber, e.getMessage()), e);
    } catch (JsonProcessingException e) {
      throw new BadOrdersException(
          "Line %s: it is not JSON: %s".formatted(lineNumber, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new BadOrdersException(
          "Line %s: it is not JSON in UTF-8: %s".formatted(lineNumber, e.getMessage()), e);
    }
  }

  private static int endOfLine(byte[] content, int start) {
    int end = start;
    while (end < content.length && content[end] != '\n') {
      end++;
    }
    return end;
  }

  private static boolean isBlank(byte[] content, int start, int end) {
    for (int i = start; i < end; i++) {
      if (content[i] != ' ' && content[i] != '\t' && content[i] != '\r') {
        return false;
      }
    }
    return true;
  }
}
