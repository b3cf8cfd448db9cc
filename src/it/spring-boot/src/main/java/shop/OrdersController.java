package shop;

import dev.wfe.persistence.PersistenceProvider;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/orders")
class OrdersController {
  private final Shop shop;
  private final Orders orders;
  private final PersistenceProvider workflows;

  OrdersController(Shop shop, Orders orders, PersistenceProvider workflows) {
    this.shop = shop;
    this.orders = orders;
    this.workflows = workflows;
  }

  /** Returns the status of the workflow, read after the transaction. */
  @PostMapping("/{id}")
  String place(@PathVariable("id") String id, @RequestParam("customer") String customer) {
    String workflow = shop.place(new Order(id, customer));
    return workflows.getWorkflowInstance(workflow).status().name();
  }

  @PostMapping("/{id}/payment")
  void pay(@PathVariable("id") String id, @RequestParam("receipt") String receipt) {
    shop.pay(id, receipt);
  }

  @PostMapping("/{id}/refused")
  void refuse(@PathVariable("id") String id) {
    shop.refuse(new Order(id, "Grace"));
  }

  @GetMapping("/waiting")
  List<String> waiting() {
    return orders.customersWaiting();
  }
}
