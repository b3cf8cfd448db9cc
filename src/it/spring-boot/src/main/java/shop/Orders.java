package shop;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

/** The orders, with a JPQL query that joins the shop's entities and the store's. */
public interface Orders extends JpaRepository<Order, String> {
  @Query(
      "select o.customer from Order o join WorkflowEntity w on w.reference = o.id"
          + " where w.status = 'Runnable' order by o.id")
  List<String> customersWaiting();
}
