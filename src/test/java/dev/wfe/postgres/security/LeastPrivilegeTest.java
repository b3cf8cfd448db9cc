package dev.wfe.postgres.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.Operations;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The roles of {@code docs/security.md}, created by the statements of that page. */
@ExtendWith(TestDatabaseExtension.class)
final class LeastPrivilegeTest {
  private static final Path DOCUMENT = Path.of("docs/security.md");
  private static final String OWNER = "wfe_owner";
  private static final String HOST = "wfe_host";
  private static final String READER = "wfe_reader";
  private static final Pattern READS = Pattern.compile("get|find|count");
  private static final List<String> ROLES = List.of(READER, HOST, OWNER);
  private static final String TRUNCATE = "truncateAll";

  /** Roles belong to the whole server, which other builds may use too. */
  private final String suffix = "_" + UUID.randomUUID().toString().substring(0, 8);

  private final TestDatabase database;

  LeastPrivilegeTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  private void followTheDocument() throws IOException {
    Matcher block =
        Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(DOCUMENT));
    assertThat(block.find()).isTrue();
    String statements = block.group(1);
    for (String role : ROLES) {
      assertThat(statements).contains("create role " + role);
      statements = statements.replace(role, role + suffix);
    }
    database.execute(statements);
    for (String role : ROLES) {
      database.execute("alter role %s password 'secret'".formatted(role + suffix));
    }
  }

  @AfterEach
  void dropRoles() {
    for (String role : ROLES) {
      database.execute("drop owned by %1$s cascade; drop role %1$s".formatted(role + suffix));
    }
  }

  private PostgresPersistenceProvider as(String role) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(database.url());
    source.setUser(role + suffix);
    source.setPassword("secret");
    return PostgresPersistenceProvider.over(source);
  }

  private void createStore() throws IOException {
    followTheDocument();
    try (PostgresPersistenceProvider owner = as(OWNER)) {
      owner.ensureStoreExists();
      owner.validateStore();
    }
  }

  @Test
  void theOwnerRunsEverything() throws IOException {
    createStore();
    try (PostgresPersistenceProvider owner = as(OWNER)) {
      Operations.fill(owner);
      Operations.all().values().forEach(call -> call.accept(owner));
    }
  }

  @TestFactory
  Stream<DynamicTest> aHostRunsEveryOperationButTheOneThatEmptiesTheTables() throws IOException {
    createStore();
    Map<String, Consumer<PostgresPersistenceProvider>> operations = Operations.all();
    assertThat(operations.remove(TRUNCATE)).isNotNull();
    PostgresPersistenceProvider host = as(HOST);
    Operations.fill(host);
    Stream<DynamicTest> granted =
        operations.entrySet().stream().map(operation -> runs(host, operation));
    return Stream.concat(granted, Stream.of(isRefused(host, TRUNCATE, Operations.call(TRUNCATE))))
        .onClose(host::close);
  }

  @TestFactory
  Stream<DynamicTest> aReaderRunsEveryOperationThatReadsAndNoOther() throws IOException {
    createStore();
    try (PostgresPersistenceProvider host = as(HOST)) {
      Operations.fill(host);
    }
    PostgresPersistenceProvider reader = as(READER);
    return Operations.all().entrySet().stream()
        .map(
            operation ->
                READS.matcher(operation.getKey()).lookingAt()
                    ? runs(reader, operation)
                    : isRefused(reader, operation.getKey(), operation.getValue()))
        .onClose(reader::close);
  }

  private static DynamicTest runs(
      PostgresPersistenceProvider provider,
      Map.Entry<String, Consumer<PostgresPersistenceProvider>> operation) {
    return DynamicTest.dynamicTest(
        operation.getKey() + " is granted",
        () ->
            assertThatCode(() -> operation.getValue().accept(provider)).doesNotThrowAnyException());
  }

  /** The operation that a message names: the single one within a batch or a transaction. */
  private static String named(String operation) {
    return switch (operation) {
      case "writeAll" -> "write";
      case "inTransaction" -> "create";
      default -> operation;
    };
  }

  private static DynamicTest isRefused(
      PostgresPersistenceProvider provider,
      String operation,
      Consumer<PostgresPersistenceProvider> call) {
    return DynamicTest.dynamicTest(
        operation + " is refused",
        () -> {
          StoreException failure =
              catchThrowableOfType(StoreException.class, () -> call.accept(provider));
          assertThat(failure)
              .isInstanceOf(StoreSetupException.class)
              .hasMessageStartingWith(
                  named(operation.replaceAll(",.*", "")) + ": permission denied for table ");
          assertThat(failure.retryable()).isFalse();
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {HOST, READER})
  void aReadOnlyRoleMayStartOnAnUpToDateStore(String role) throws IOException {
    createStore();
    try (PostgresPersistenceProvider provider = as(role)) {
      provider.ensureStoreExists();
      provider.validateStore();
    }
  }

  @Test
  void aRoleWithoutRightsIsToldTheOwner() throws IOException {
    createStore();
    database.execute(
        "revoke all on schema wfc from %1$s; revoke all on all tables in schema wfc from %1$s"
            .formatted(HOST + suffix));

    try (PostgresPersistenceProvider host = as(HOST)) {
      StoreSetupException failure =
          catchThrowableOfType(StoreSetupException.class, host::ensureStoreExists);

      assertThat(failure.problems()).isEmpty();
      assertThat(failure)
          .hasMessageContaining("permission denied for schema wfc")
          .hasMessageContaining("belongs to %s: ".formatted(OWNER + suffix))
          .hasMessageContaining(DOCUMENT.toString())
          .hasMessageNotContaining("owner to");
    }
  }

  @Test
  void theStoreMayBeThereAlready() throws IOException {
    try (PostgresPersistenceProvider other =
        PostgresPersistenceProvider.over(database.dataSource())) {
      other.ensureStoreExists();
    }
    followTheDocument();
    try (PostgresPersistenceProvider host = as(HOST);
        PostgresPersistenceProvider reader = as(READER)) {
      Operations.fill(host);
      assertThat(reader.getWorkflowInstance("w").id()).isEqualTo("w");
    }
  }
}
