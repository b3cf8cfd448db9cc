package shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.jdbc.AutoConfigureTestDatabase;
import org.springframework.boot.test.autoconfigure.jdbc.AutoConfigureTestDatabase.Replace;
import org.springframework.boot.test.autoconfigure.orm.jpa.DataJpaTest;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@DataJpaTest
@AutoConfigureTestDatabase(replace = Replace.NONE)
class OrdersSliceTest {
  @Autowired Orders orders;

  @DynamicPropertySource
  static void database(DynamicPropertyRegistry properties) throws SQLException {
    Database.run("postgres", "create database slice");
    properties.add("spring.datasource.url", () -> Database.url("slice"));
  }

  @Test
  void aSliceCreatesTheStoreInAnEmptyDatabase() {
    orders.saveAndFlush(new Order("1001", "Ada"));

    assertThat(orders.customersWaiting()).isEmpty();
  }
}
