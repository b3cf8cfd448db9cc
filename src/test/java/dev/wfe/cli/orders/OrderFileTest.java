package dev.wfe.cli.orders;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderFileTest {
  private static final String LINE =
      """
      {"id":"o1","customer":"Åsa","item":"tea","quantity":2,"amountCents":1990,\
      "orderedAt":"2026-03-01T10:15:00Z","paidAt":"2026-03-01T10:16:00Z","payment":"early",\
      "failsOnceAt":"ship"}
      """;

  @Test
  void aLineIsAnOrderAndEmptyLinesDoNotCount() {
    assertThat(OrderFile.read(("\r\n" + LINE.trim() + "\r\n \n").getBytes(UTF_8)))
        .containsExactly(
            new Order(
                "o1",
                "Åsa",
                "tea",
                2,
                1990,
                Instant.parse("2026-03-01T10:15:00Z"),
                Instant.parse("2026-03-01T10:16:00Z"),
                Order.Payment.EARLY,
                "ship"));
  }

  @Test
  void anOrderIsTheSameAfterItWasWritten() {
    String lines =
        SampleOrders.orders(20).stream()
            .map(order -> order.toJson().toString())
            .collect(Collectors.joining("\n"));
    assertThat(OrderFile.read(lines.getBytes(UTF_8))).isEqualTo(SampleOrders.orders(20));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          "id":"o1" | "id":"o 1" | "id"
          "id":"o1" | "id":7 | "id" is not a text
          "customer":"Åsa" | "customer":"" | "customer" is not a text
          "customer":"Åsa" | "customer":"\\u0000" | unprintable
          "customer":"Åsa" | "customer":"\\ud800" | unprintable
          "item":"tea" | "itme":"tea" | "item" is missing
          "item":"tea" | "item":"tea","x":1 | "x" is unknown
          "quantity":2 | "quantity":0 | "quantity" is not a whole number from 1
          "quantity":2 | "quantity":1.5 | "quantity" is not a whole number
          "quantity":2 | "quantity":3e9 | "quantity" is not a whole number
          "amountCents":1990 | "amountCents":-1 | "amountCents" is not a whole number from 0
          01T10:15 | 01 10:15 | "orderedAt" is not a time
          2026-03-01T10:15 | 2926-03-01T10:15 | "orderedAt" is in the future
          2026-03-01T10:16 | 2026-03-01T10:14 | "paidAt" is before orderedAt
          "payment":"early" | "payment":"never" | "payment" is neither
          "failsOnceAt":"ship" | "failsOnceAt":"pack" | "failsOnceAt" is not a step that can fail
          "id":"o1" | "id":"o1","id":"b" | not JSON: Duplicate
          "id":"o1" | "id":o1 | not JSON
          """)
  void aLineThatIsNoOrderIsRefusedWithItsNumberAndWhy(String good, String bad, String why) {
    String line = LINE.replace(good, bad);
    assertThat(line).isNotEqualTo(LINE);
    assertThatThrownBy(() -> OrderFile.read(("\n" + line + LINE).getBytes(UTF_8)))
        .isInstanceOf(BadOrdersException.class)
        .hasMessageStartingWith("Line 2: ")
        .hasMessageContaining(why);
  }

  @Test
  void anIdThatComesTwiceIsRefusedWithBothLines() {
    assertThatThrownBy(() -> OrderFile.read((LINE + "\n" + LINE).getBytes(UTF_8)))
        .hasMessage("Line 3: the id \"o1\" is used in line 1 already");
  }

  @Test
  void aValueThatIsNoObjectIsRefused() {
    assertThatThrownBy(() -> OrderFile.read("[]".getBytes(UTF_8)))
        .hasMessage("Line 1: it is not a JSON object");
    assertThatThrownBy(() -> OrderFile.read("{} {}".getBytes(UTF_8)))
        .hasMessageStartingWith("Line 1: it is not JSON");
  }

  @Test
  void textThatIsNotUtf8IsRefused() {
    assertThatThrownBy(() -> OrderFile.read(LINE.getBytes(ISO_8859_1)))
        .hasMessageStartingWith("Line 1: it is not JSON");
  }

  @Test
  void aFileWithoutOrdersIsRefused() {
    assertThatThrownBy(() -> OrderFile.read(" \n".getBytes(UTF_8)))
        .hasMessage("The file contains no orders");
  }
}
