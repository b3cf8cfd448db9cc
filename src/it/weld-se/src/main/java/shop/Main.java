package shop;

import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;

/** Places the order whose id is the argument. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    try (SeContainer container = SeContainerInitializer.newInstance().initialize()) {
      String workflow = container.select(Shop.class).get().place(new Order(arguments[0], "Ada"));
      System.out.println("Started: " + workflow);
    }
  }
}
