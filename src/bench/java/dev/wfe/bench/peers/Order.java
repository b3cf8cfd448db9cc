package dev.wfe.bench.peers;

import java.io.Serializable;

/**
 * The data of an execution.
 *
 * @param id unique
 * @param customer some text
 * @param lines some number
 */
public record Order(String id, String customer, int lines) implements Serializable {
  static Order of(int number) {
    return new Order("order-" + number, "Ada Lovelace", number % 7 + 1);
  }
}
