package dev.wfe.architecture;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
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
  private static final String DOOR = "dev.wfe.postgres";
  private static final String ENTITY = "dev.wfe.postgres.entity";
  private static final String MAPPING = "dev.wfe.postgres.internal.mapping";
  private static final String SQL = "dev.wfe.postgres.internal.sql";
  private static final String SCHEMA = "dev.wfe.postgres.internal.schema";
  private static final String STORE = "dev.wfe.postgres.internal.store";
  private static final String CDI = "dev.wfe.postgres.cdi";
  private static final String CLI = "dev.wfe.cli";
  private static final String SPRING = "dev.wfe.postgres.spring";
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

  /** Each room, and the rooms that its arrows lead to. */
  static Stream<Arguments> arrows() {
    return Stream.of(
        room(MODEL),
        room(PERSISTENCE, MODEL),
        room(ENTITY),
        room(MAPPING, MODEL, PERSISTENCE, ENTITY),
        room(SQL, MODEL, PERSISTENCE),
        room(SCHEMA, PERSISTENCE, ENTITY, SQL),
        room(STORE, MODEL, PERSISTENCE, ENTITY, MAPPING, SQL),
        room(DOOR, MODEL, PERSISTENCE, ENTITY, MAPPING, SQL, SCHEMA, STORE),
        room(CDI, PERSISTENCE, DOOR),
        room(SPRING, PERSISTENCE, DOOR),
        room(ORDERS, MODEL, PERSISTENCE),
        room(CLI, MODEL, PERSISTENCE, DOOR, ORDERS));
  }

  private static Arguments room(String name, String... others) {
    return Arguments.of(name, others);
  }

  @ParameterizedTest
  @MethodSource("arrows")
  void aRoomLeadsOnlyToTheRoomsBelowIt(String room, String[] others) {
    noClasses()
        .that()
        .resideInAPackage(room)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(ROOT)
                .and(resideOutsideOfPackages(others))
                .and(resideOutsideOfPackages(room)))
        .check(MAIN);
  }

  @Test
  void everyRoomHasItsArrows() {
    String[] rooms = arrows().map(room -> (String) room.get()[0]).toArray(String[]::new);
    classes().should().resideInAnyPackage(rooms).check(MAIN);
  }

  @Test
  void thereAreNoCycles() {
    slices().matching("dev.wfe.(**)").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void theModelKnowsTheJdkJacksonAndJSpecifyOnly() {
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
  void theVerbsKnowTheModelAndNoDatabase() {
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
            "java.time..",
            "java.util..",
            "com.fasterxml.jackson.databind..",
            "org.jspecify.annotations")
        .check(MAIN);
  }

  /** What is held against any store; what lies in {@code POSTGRES_KIT} is for stores of ours. */
  @ParameterizedTest
  @ValueSource(strings = {"dev.wfe.tck..", "dev.wfe.histories.."})
  void theContractKitAndTheHistoriesKnowTheModelAndTheVerbsOnly(String kit) {
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
  void theKitForStoresInPostgresqlKnowsTheDoorOnly() {
    JavaClasses ofKit = TESTS.that(resideInAPackage(POSTGRES_KIT));
    assertThat(ofKit).isNotEmpty();
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(ROOT).and(resideOutsideOfPackages(PERSISTENCE, DOOR, POSTGRES_KIT)))
        .check(ofKit);
  }

  @Test
  void onlyTheCommandLinePrints() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(MAIN.that(resideOutsideOfPackages(CLI + "..")));
  }

  /** Whoever else has a connection binds values to what these two rooms wrote. */
  @Test
  void onlyTwoRoomsHandTextToTheDatabase() {
    noClasses()
        .that(resideOutsideOfPackages(SQL, SCHEMA, CLI))
        .and()
        .doNotHaveFullyQualifiedName(DOOR + ".Requirements")
        .should()
        .callMethodWhere(
            target(nameMatching("prepare(Statement|Call)|createStatement|nativeSQL"))
                .and(targetOwner(assignableTo(Connection.class))))
        .orShould()
        .callMethodWhere(target(nameMatching("create(Native|NativeMutation|StoredProcedure)Query")))
        .check(MAIN);
  }

  /** The room of the statements knows no values, as its arrows say; so none is in their text. */
  @Test
  void statementsAreWrittenInTheirRoomOnly() {
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
        .doNotHaveFullyQualifiedName(DOOR + ".PostgresOptions")
        .should()
        .callConstructor(StoreNames.class, String.class, String.class)
        .check(MAIN);
  }

  /** Orders come from a file; they are read as trees too. */
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
        .that(resideOutsideOfPackages(ORDERS))
        .should()
        .callMethodWhere(
            target(
                    nameMatching(
                        "readValue.*|readFor.*|readerFor.*|treeToValue|(convert|update)Value"))
                .and(targetOwner(resideInAnyPackage("com.fasterxml.jackson.."))))
        .check(MAIN);
  }
}
