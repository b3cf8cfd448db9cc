package dev.wfe.postgres.entity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.hibernate.SessionFactory;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EntityRoundTripTest {
  private static final Instant NOW = Instant.parse("2026-03-29T01:59:59.999999Z");

  private final TestDatabase database;
  private final EntityManagerFactory factory;

  EntityRoundTripTest(TestDatabase database) {
    this.database = database;
    factory =
        Persistence.createEntityManagerFactory(
            "wfe", Map.of("jakarta.persistence.jdbc.url", database.url()));
  }

  @AfterAll
  void closeFactory() {
    factory.close();
  }

  private <T> T inTransaction(Function<EntityManager, T> work) {
    return factory.unwrap(SessionFactory.class).fromTransaction(work::apply);
  }

  private static WorkflowEntity workflow(String id, JsonNode data, Instant createTime) {
    return new WorkflowEntity(id, "name of " + id, "definition", 1, "Runnable", data, createTime);
  }

  private WorkflowEntity reloaded(JsonNode data, Instant createTime) {
    String id = UUID.randomUUID().toString();
    inTransaction(
        entities -> {
          entities.persist(workflow(id, data, createTime));
          return id;
        });
    return inTransaction(entities -> entities.find(WorkflowEntity.class, id));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-4713-11-24T00:00:00Z",
        "-0004-02-29T12:00:00Z",
        "0001-01-01T00:00:00Z",
        "1899-12-31T23:59:59.999999Z",
        "2026-10-25T01:30:00.000001Z",
        "+294276-12-31T23:59:59.999999Z"
      })
  void anInstantIsExact(Instant instant) {
    WorkflowEntity workflow = reloaded(NullNode.instance, instant);

    assertThat(workflow.getCreateTime()).isEqualTo(instant);
    assertThat(workflow.getCompleteTime()).isNull();
    assertThat(idsOfCreateTime(instant)).contains(workflow.getId());
  }

  private List<String> idsOfCreateTime(Instant instant) {
    return inTransaction(
        entities ->
            entities
                .createQuery(
                    "select w.id from WorkflowEntity w where w.createTime = :t", String.class)
                .setParameter("t", instant)
                .getResultList());
  }

  @Test
  void jsonKeepsEveryDigitAndEveryCharacter() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.set("trailing zeroes", DecimalNode.valueOf(new BigDecimal("1.5000")));
    json.set("fraction", DecimalNode.valueOf(new BigDecimal("0." + "123456789".repeat(111))));
    json.put("integer", new BigInteger("9".repeat(1_000)));
    json.put("text", "\u0001 \ud83d\ude00 \"\\\n");
    json.put("a".repeat(60_000), "a long name");
    json.putArray("mixed").add(1).addNull().add(true).addObject();

    assertThat(reloaded(json, NOW).getData()).isEqualTo(json);
  }

  @Test
  void aTextOf30MillionCharactersIsRead() {
    JsonNode json = TextNode.valueOf("x".repeat(30_000_000));

    assertThat(reloaded(json, NOW).getData().equals(json)).isTrue();
  }

  @Test
  void sqlNullAndJsonNullAreTwoThings() {
    inTransaction(
        entities -> {
          entities.persist(workflow("nulls", NullNode.instance, NOW));
          ExecutionPointerEntity pointer =
              new ExecutionPointerEntity("nulls", "nulls", 0, true, "Pending");
          pointer.setOutcome(NullNode.instance);
          entities.persist(pointer);
          return pointer;
        });

    ExecutionPointerEntity pointer =
        inTransaction(entities -> entities.find(ExecutionPointerEntity.class, "nulls"));

    assertThat(pointer.getOutcome()).isEqualTo(NullNode.instance);
    assertThat(pointer.getEventData()).isNull();
    assertThat(
            database.queryForString(
                "select concat_ws(' ', outcome, event_data is null)"
                    + " from wfc.execution_pointers where id = 'nulls'"))
        .isEqualTo("null t");
  }

  @Test
  void anUnsetFieldTakesTheDefaultOfTheDatabase() {
    inTransaction(
        entities -> {
          entities.persist(workflow("defaults", NullNode.instance, NOW));
          entities.persist(new ExecutionPointerEntity("defaults", "defaults", 0, true, "Pending"));
          return entities;
        });

    ExecutionPointerEntity pointer =
        inTransaction(entities -> entities.find(ExecutionPointerEntity.class, "defaults"));

    assertThat(pointer.getEventPublished()).isFalse();
    assertThat(pointer.getRetryCount()).isZero();
    assertThat(pointer.getChildren()).isEmpty();
    assertThat(pointer.getExtensionAttributes()).isEmpty();
    assertThat(pointer.getPosition()).isGreaterThanOrEqualTo(1_000_000);
  }

  @Test
  void pointersComeInOrderAndKnowTheirWorkflow() {
    List<String> ids = List.of("order-c", "order-a", "order-b");
    inTransaction(
        entities -> {
          entities.persist(workflow("order", NullNode.instance, NOW));
          for (String id : ids) {
            entities.persist(new ExecutionPointerEntity(id, "order", 0, true, "Pending"));
            entities.flush();
          }
          return ids;
        });

    WorkflowEntity workflow =
        inTransaction(
            entities ->
                entities
                    .createQuery(
                        "select w from WorkflowEntity w join fetch w.executionPointers p"
                            + " where p.workflow.name = 'name of order'",
                        WorkflowEntity.class)
                    .getSingleResult());

    assertThat(workflow.getExecutionPointers())
        .extracting(ExecutionPointerEntity::getId)
        .containsExactlyElementsOf(ids);
    assertThat(workflow.getExecutionPointers())
        .allSatisfy(pointer -> assertThat(pointer.getWorkflow()).isSameAs(workflow));
  }

  @Test
  void serialKeysAreAssigned() {
    ScheduledCommandEntity command =
        new ScheduledCommandEntity("ProcessEvent", "e", Long.MIN_VALUE);
    ExecutionErrorEntity error = new ExecutionErrorEntity(NOW, "w", "p", "message");
    inTransaction(
        entities -> {
          entities.persist(command);
          entities.persist(error);
          entities.persist(new DefinitionSequenceEntity("d", Long.MAX_VALUE));
          entities.persist(new CommandClaimEntity("c", NOW));
          return entities;
        });

    assertThat(command.getId()).isPositive();
    assertThat(error.getId()).isPositive();
    assertThat(
            inTransaction(entities -> entities.find(DefinitionSequenceEntity.class, "d"))
                .getNextNum())
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void leasesAndDefinitionsAreStoredAndFound() {
    inTransaction(
        entities -> {
          entities.persist(new WorkflowLeaseEntity("w", "host", Long.MAX_VALUE, 2, NOW));
          entities.persist(new EventLeaseEntity("e", "host", 0, NOW));
          entities.persist(new WorkflowDefinitionEntity("d", 7, TextNode.valueOf("graph")));
          entities.persist(
              new WorkflowHostEntity("h", "host", NOW, NOW, NOW, TextNode.valueOf("definitions")));
          return entities;
        });

    WorkflowLeaseEntity workflow =
        inTransaction(entities -> entities.find(WorkflowLeaseEntity.class, "w"));
    EventLeaseEntity event = inTransaction(entities -> entities.find(EventLeaseEntity.class, "e"));
    WorkflowDefinitionEntity definition =
        inTransaction(
            entities ->
                entities.find(
                    WorkflowDefinitionEntity.class, new WorkflowDefinitionEntity.Key("d", 7)));

    assertThat(workflow.getEpoch()).isEqualTo(Long.MAX_VALUE);
    assertThat(workflow.getAttempt()).isEqualTo(2);
    assertThat(workflow.getExpiresAt()).isEqualTo(NOW);
    assertThat(event.getOwner()).isEqualTo("host");
    assertThat(definition.getGraph()).isEqualTo(TextNode.valueOf("graph"));
    WorkflowHostEntity host =
        inTransaction(entities -> entities.find(WorkflowHostEntity.class, "h"));
    assertThat(host.getLastSeenAt()).isEqualTo(NOW);
    assertThat(host.getVersion()).isNull();
    assertThat(host.getDefinitions()).isEqualTo(TextNode.valueOf("definitions"));
  }

  @Test
  void anInfiniteTimeOfAnotherWriterIsAnErrorThatNamesTheColumn() {
    database.execute(
        "insert into wfc.workflows (id, name, definition_id, version, status, create_time)"
            + " values ('infinite', 'infinite', 'd', 1, 'Runnable', 'infinity')");

    assertThatThrownBy(
            () -> inTransaction(entities -> entities.find(WorkflowEntity.class, "infinite")))
        .hasStackTraceContaining("not a finite time: infinity");
  }

  @Test
  void jsonThatIsTooDeepForATreeIsAnError() {
    database.execute(
        "insert into wfc.workflows (id, name, definition_id, version, status, create_time, data)"
            + " values ('deep', 'deep', 'd', 1, 'Runnable', now(),"
            + " (repeat('[', 3000) || repeat(']', 3000))::jsonb)");

    assertThatThrownBy(() -> inTransaction(entities -> entities.find(WorkflowEntity.class, "deep")))
        .hasStackTraceContaining("nesting depth");
  }

  @Test
  void numbersOfAnotherWriterBeyondTheLimitsAreReadExactly() {
    database.execute(
        "insert into wfc.workflows (id, name, definition_id, version, status, create_time, data)"
            + " values ('long', 'long', 'd', 1, 'Runnable', now(), '1e100000')");

    JsonNode data =
        inTransaction(entities -> entities.find(WorkflowEntity.class, "long")).getData();

    assertThat(data.bigIntegerValue()).isEqualTo(BigInteger.TEN.pow(100_000));
  }

  @Test
  void thePoolIsHikariWithTenConnections() {
    assertThat(factory.getProperties()).containsEntry("hibernate.hikari.maximumPoolSize", "10");
    assertThat(
            factory
                .unwrap(SessionFactoryImplementor.class)
                .getServiceRegistry()
                .requireService(ConnectionProvider.class)
                .getClass()
                .getSimpleName())
        .isEqualTo("HikariCPConnectionProvider");
  }
}
