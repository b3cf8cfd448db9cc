package shop;

/** Places one order in the database whose URL is the argument. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    try (Shop shop = Shop.open(arguments[0])) {
      shop.place(new Order(arguments[1], "Ada"));
      System.out.println("Waiting: " + shop.customersWaiting());
    }
  }
}
