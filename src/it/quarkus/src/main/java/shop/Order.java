package shop;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** What a customer ordered. */
@Entity
@Table(name = "orders")
public class Order {
  @Id private String id;
  private String customer;
  private String receipt;

  protected Order() {}

  public Order(String id, String customer) {
    this.id = id;
    this.customer = customer;
  }

  public String id() {
    return id;
  }

  public String customer() {
    return customer;
  }

  public void paid(String given) {
    receipt = given;
  }
}
