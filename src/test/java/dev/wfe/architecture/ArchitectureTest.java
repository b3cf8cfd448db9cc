package dev.wfe.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.io.ObjectInputStream;
import java.sql.Connection;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchitectureTest {
  private static final String ROOT = "dev.wfe..";
  private static final String MODEL = "dev.wfe.model";
  private static final String PERSISTENCE = "dev.wfe.persistence";
  private static final String MEMORY = "dev.wfe.memory";
  private static final String HOST = "dev.wfe.host";
  private static final String RETENTION = "dev.wfe.retention";
  private static final String METRICS = "dev.wfe.metrics";
  private static final String TESTING = "dev.wfe.testing";
  private static final String POSTGRES = "dev.wfe.postgres";
  private static final String ENTITY = "dev.wfe.postgres.entity";
  private static final String MAPPING = "dev.wfe.postgres.internal.mapping";
  private static final String SQL = "dev.wfe.postgres.internal.sql";
  private static final String CONNECTION = "dev.wfe.postgres.internal.connection";
  private static final String TRANSACTION = "dev.wfe.postgres.internal.transaction";
  private static final String SCHEMA = "dev.wfe.postgres.internal.schema";
  private static final String REPOSITORY = "dev.wfe.postgres.internal.repository";
  private static final String DIAGNOSIS = "dev.wfe.postgres.internal.diagnosis";
  private static final String RUNTIME = "dev.wfe.postgres.internal.runtime";
  private static final String CDI = "dev.wfe.postgres.cdi";
  private static final String SPRING = "dev.wfe.postgres.spring";
  private static final String CLI = "dev.wfe.cli";
  private static final String ORDERS = "dev.wfe.cli.orders";
  private static final String POSTGRES_KIT = "dev.wfe.tck.postgres";

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.wfe");

  private static final JavaClasses TESTS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
          .importPackages("dev.wfe.tck", "dev.wfe.histories");

  /** Each package, and the packages that it may depend on. */
  static Stream<Arguments> dependencies() {
    return Stream.of(
        arrow(MODEL),
        arrow(PERSISTENCE, MODEL),
        arrow(MEMORY, MODEL, PERSISTENCE),
        arrow(ENTITY),
        arrow(MAPPING, MODEL, PERSISTENCE, ENTITY),
        arrow(RETENTION, MODEL, PERSISTENCE),
        arrow(HOST, MODEL, PERSISTENCE, RETENTION),
        arrow(METRICS, PERSISTENCE, HOST),
        arrow(TESTING, MODEL, PERSISTENCE, HOST, MEMORY),
        arrow(SQL, MODEL, PERSISTENCE, ENTITY, MAPPING),
        arrow(CONNECTION, PERSISTENCE, ENTITY, SQL),
        arrow(SCHEMA, PERSISTENCE, ENTITY, SQL, CONNECTION),
        arrow(TRANSACTION, PERSISTENCE, ENTITY, SQL, CONNECTION),
        arrow(REPOSITORY, MODEL, PERSISTENCE, ENTITY, MAPPING, SQL, TRANSACTION),
        arrow(DIAGNOSIS, PERSISTENCE, SQL, TRANSACTION),
        arrow(
            RUNTIME,
            MODEL,
            PERSISTENCE,
            SQL,
            CONNECTION,
            SCHEMA,
            TRANSACTION,
            REPOSITORY,
            DIAGNOSIS),
        arrow(
            POSTGRES,
            MODEL,
            PERSISTENCE,
            ENTITY,
            MAPPING,
            SQL,
            CONNECTION,
            TRANSACTION,
            REPOSITORY,
            RUNTIME),
        arrow(CDI, PERSISTENCE, RETENTION, HOST, METRICS, POSTGRES),
        arrow(SPRING, MODEL, PERSISTENCE, RETENTION, HOST, METRICS, POSTGRES),
        arrow(ORDERS, MODEL, PERSISTENCE, HOST),
        arrow(CLI, MODEL, PERSISTENCE, RETENTION, HOST, POSTGRES, ORDERS));
  }

  private static Arguments arrow(String name, String... others) {
    return Arguments.of(name, others);
  }

  @ParameterizedTest
  @MethodSource("dependencies")
  void packagesDependOnlyOnThoseBelow(String name, String[] others) {
    noClasses()
        .that()
        .resideInAPackage(name)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(ROOT)
                .and(resideOutsideOfPackages(others))
                .and(resideOutsideOfPackages(name)))
        .check(MAIN);
  }

  @Test
  void everyPackageHasItsArrows() {
    String[] names = dependencies().map(arrow -> (String) arrow.get()[0]).toArray(String[]::new);
    classes().should().resideInAnyPackage(names).check(MAIN);
  }

  @Test
  void thereAreNoCycles() {
    slices().matching("dev.wfe.(**)").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void theModelDependsOnTheJdkJacksonAndJSpecifyOnly() {
    classes()
        .that()
        .resideInAPackage(MODEL)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            MODEL,
            "java..",
            "com.fasterxml.jackson.annotation..",
            "com.fasterxml.jackson.core..",
            "com.fasterxml.jackson.databind..",
            "org.jspecify.annotations")
        .check(MAIN);
  }

  @Test
  void theInterfacesDependOnTheModelAndNoDatabase() {
    classes()
        .that()
        .resideInAPackage(PERSISTENCE)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            MODEL,
            PERSISTENCE,
            "java.lang..",
            "java.math..",
            "java.nio.charset",
            "java.time..",
            "java.util..",
            "com.fasterxml.jackson.databind..",
            "org.jspecify.annotations")
        .check(MAIN);
  }

  @Test
  void theInMemoryProviderDependsOnNoDatabase() {
    classes()
        .that()
        .resideInAPackage(MEMORY)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            MODEL,
            PERSISTENCE,
            MEMORY,
            "java.lang..",
            "java.math",
            "java.time..",
            "java.util..",
            "com.fasterxml.jackson.databind..",
            "com.github.f4b6a3.uuid..",
            "org.jspecify.annotations")
        .check(MAIN);
  }

  @Test
  void theHostDependsOnNoDatabase() {
    classes()
        .that()
        .resideInAPackage(HOST)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            MODEL,
            PERSISTENCE,
            RETENTION,
            HOST,
            "java.io",
            "java.lang..",
            "java.nio.charset",
            "java.sql", // the connection of steps in transactions
            "java.time..",
            "java.util..",
            "com.cronutils..", // optional, in one class
            "com.fasterxml.jackson..",
            "com.github.f4b6a3.uuid..",
            "org.jspecify.annotations",
            "org.slf4j..")
        .check(MAIN);
  }

  @Test
  void ofTheInMemoryProviderOnlyItsClassIsPublic() {
    classes()
        .that()
        .resideInAPackage(MEMORY)
        .and()
        .arePublic()
        .should()
        .haveSimpleName("InMemoryPersistenceProvider")
        .check(MAIN);
  }

  /** They test any provider; what is in {@code POSTGRES_KIT} tests a store in PostgreSQL. */
  @ParameterizedTest
  @ValueSource(strings = {"dev.wfe.tck..", "dev.wfe.histories.."})
  void theKitAndTheHistoriesDependOnModelAndInterfacesOnly(String kit) {
    JavaClasses ofKit =
        TESTS.that(resideInAPackage(kit).and(resideOutsideOfPackages(POSTGRES_KIT)));
    assertThat(ofKit).isNotEmpty();
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(ROOT).and(resideOutsideOfPackages(MODEL, PERSISTENCE, kit)))
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage(POSTGRES_KIT)
        .check(ofKit);
  }

  @Test
  void theKitForPostgresqlDependsOnTheEntryPointsOnly() {
    JavaClasses ofKit = TESTS.that(resideInAPackage(POSTGRES_KIT));
    assertThat(ofKit).isNotEmpty();
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(ROOT)
                .and(resideOutsideOfPackages(PERSISTENCE, POSTGRES, POSTGRES_KIT)))
        .check(ofKit);
  }

  @Test
  void onlyTheCommandLinePrints() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(MAIN.that(resideOutsideOfPackages(CLI + "..")));
  }

  /** Elsewhere, values are bound to statements that these packages wrote. */
  @Test
  void onlyFewPackagesSendTextToTheDatabase() {
    noClasses()
        .that(resideOutsideOfPackages(SCHEMA, CLI))
        .and()
        .doNotHaveFullyQualifiedName(TRANSACTION + ".StatementExecutor")
        .and()
        .doNotHaveFullyQualifiedName(CONNECTION + ".ServerRequirements")
        .should()
        .callMethodWhere(
            target(nameMatching("prepare(Statement|Call)|createStatement|nativeSQL"))
                .and(targetOwner(assignableTo(Connection.class))))
        .orShould()
        .callMethodWhere(target(nameMatching("create(Native|NativeMutation|StoredProcedure)Query")))
        .check(MAIN);
  }

  /** No value is part of the text of a statement. */
  @Test
  void statementsAreWrittenInTheirPackageOnly() {
    noClasses()
        .that(resideOutsideOfPackages(SQL))
        .should()
        .callConstructorWhere(targetOwner(assignableTo(NamedSql.class)))
        .check(MAIN);
  }

  /** Options check the names that go into the text. */
  @Test
  void namesOfSchemaAndPrefixComeFromTheOptions() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(POSTGRES + ".PostgresOptions$Builder")
        .should()
        .callConstructor(StoreNames.class, String.class, String.class)
        .check(MAIN);
  }

  /** Except where the host maps the application's own classes, which its definitions name. */
  @Test
  void jsonBecomesTreesAndNeverObjectsOfClassesThatItNames() {
    noClasses()
        .should()
        .callMethodWhere(target(nameMatching(".*DefaultTyping.*|.*[pP]olymorphicTypeValidator")))
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("com.fasterxml.jackson.annotation.JsonTypeInfo")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(ObjectInputStream.class)
        .check(MAIN);
    noClasses()
        .that(resideOutsideOfPackages(ORDERS).and(not(simpleName("HostJson"))))
        .should()
        .callMethodWhere(
            target(
                    nameMatching(
                        "readValue.*|readFor.*|readerFor.*|treeToValue|(convert|update)Value"))
                .and(targetOwner(resideInAnyPackage("com.fasterxml.jackson.."))))
        .check(MAIN);
  }
}
