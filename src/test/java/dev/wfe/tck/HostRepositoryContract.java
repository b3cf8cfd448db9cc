package dev.wfe.tck;

import static dev.wfe.tck.Nothing.nothing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.HostRegistration;
import dev.wfe.persistence.HostRepository;
import dev.wfe.persistence.HostedDefinition;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.RegisteredHost;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Hosts register themselves, send heartbeats, and are removed. */
public abstract class HostRepositoryContract extends Contract {
  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final HostedDefinition order = new HostedDefinition(new DefinitionVersion("order", 2));
  private final HostedDefinition limited =
      new HostedDefinition(
          new DefinitionVersion("limited \"é\"", Integer.MAX_VALUE),
          new ClaimLimits(3, 1, new ClaimLimits.Rate(10, Duration.ofDays(366))));

  @BeforeEach
  void empty() {
    store().empty();
  }

  private static HostRegistration host(
      String id, Duration validity, HostedDefinition... definitions) {
    return new HostRegistration(
        id, "name of " + id, "1.2.3", Duration.ZERO, validity, List.of(definitions));
  }

  private RegisteredHost only() {
    List<RegisteredHost> hosts = provider().getHosts(HostRepository.MAX_HOSTS);
    assertThat(hosts).hasSize(1);
    return hosts.get(0);
  }

  private List<String> live(HostedDefinition hosted) {
    return anotherHost().getLiveHosts(hosted.definition(), 10).stream()
        .map(RegisteredHost::id)
        .toList();
  }

  @Test
  void aHostIsListedWithAllThatItSays() {
    provider()
        .registerHost(
            new HostRegistration(
                "h", "name", "1.2.3", Duration.ofHours(2), LONG, List.of(order, limited)));

    RegisteredHost found = anotherHost().getHosts(1).get(0);

    assertThat(found.id()).isEqualTo("h");
    assertThat(found.name()).isEqualTo("name");
    assertThat(found.version()).isEqualTo("1.2.3");
    assertThat(found.definitions()).containsExactly(order, limited);
    assertThat(found.live()).isTrue();
    assertThat(found.startedAt()).isEqualTo(found.lastSeenAt().minus(Duration.ofHours(2)));
    assertThat(found.expiresAt()).isEqualTo(found.lastSeenAt().plus(LONG));
  }

  @Test
  void versionAndDefinitionsMayBeMissing() {
    @Nullable String none = null;
    provider().registerHost(new HostRegistration("h", "n", none, Duration.ZERO, LONG, List.of()));

    assertThat(only().version()).isNull();
    assertThat(only().definitions()).isEmpty();
  }

  @Test
  void aSignOfLifeChangesOnlyItsTimes() {
    provider().registerHost(host("h", SHORTEST, order));
    RegisteredHost first = only();

    anotherHost()
        .registerHost(
            new HostRegistration("h", "other", "9", Duration.ofDays(9), LONG, List.of(limited)));

    RegisteredHost again = only();
    assertThat(again.name()).isEqualTo(first.name());
    assertThat(again.version()).isEqualTo(first.version());
    assertThat(again.startedAt()).isEqualTo(first.startedAt());
    assertThat(again.definitions()).containsExactly(order);
    assertThat(again.lastSeenAt()).isAfterOrEqualTo(first.lastSeenAt());
    assertThat(again.expiresAt()).isEqualTo(again.lastSeenAt().plus(LONG));
  }

  @Test
  void aHostThatGivesNoSignOfLifeIsNotLive() {
    provider().registerHost(host("h", SHORTEST, order));

    Together.until(() -> !only().live());

    assertThat(live(order)).isEmpty();
  }

  @Test
  void aHostThatComesBackIsLiveAgain() {
    provider().registerHost(host("h", SHORTEST, order));
    Together.until(() -> !only().live());

    provider().registerHost(host("h", LONG, order));

    assertThat(only().live()).isTrue();
    assertThat(live(order)).containsExactly("h");
  }

  @Test
  void aRemovedHostIsGoneAndCanRegisterAgain() {
    provider().registerHost(host("h", LONG, order));

    assertThat(anotherHost().removeHost("h")).isTrue();
    assertThat(anotherHost().removeHost("h")).isFalse();
    assertThat(provider().removeHost("not \0 storable")).isFalse();
    assertThat(provider().getHosts(10)).isEmpty();

    provider().registerHost(host("h", LONG, order));
    assertThat(live(order)).containsExactly("h");
  }

  @Test
  void liveHostsAreFoundByTheVersionThatTheyExecute() {
    provider().registerHost(host("both", LONG, order, limited));
    provider().registerHost(host("one", LONG, order));
    provider().registerHost(host("none", LONG));

    assertThat(live(order)).containsExactlyInAnyOrder("both", "one");
    assertThat(live(limited)).containsExactly("both");
    assertThat(live(new HostedDefinition(new DefinitionVersion("order", 1)))).isEmpty();
    assertThat(live(new HostedDefinition(new DefinitionVersion("", -1)))).isEmpty();
    assertThat(provider().getLiveHosts(order.definition(), 1)).hasSize(1);
  }

  @Test
  void hostsOfOneNameHaveARowEach() {
    for (String id : List.of("a", "b")) {
      provider()
          .registerHost(new HostRegistration(id, "same", "1", Duration.ZERO, LONG, List.of(order)));
    }

    assertThat(provider().removeHost("a")).isTrue();

    assertThat(only().name()).isEqualTo("same");
    assertThat(only().id()).isEqualTo("b");
  }

  @Test
  void theLatestSignsOfLifeComeFirstUpToTheLimit() {
    for (String id : List.of("a", "b", "c")) {
      provider().registerHost(host(id, LONG));
    }
    Together.until(
        () -> {
          provider().registerHost(host("a", LONG));
          return provider().getHosts(1).get(0).id().equals("a");
        });

    assertThat(provider().getHosts(2)).extracting(RegisteredHost::id).hasSize(2).startsWith("a");
    assertThat(provider().getHosts(10)).hasSize(3);
  }

  @Test
  void manyHostsRegisterAtTheSameTime() throws Exception {
    Together.run(
        8,
        number ->
            () -> {
              for (int i = 0; i < 5; i++) {
                host(number).registerHost(host("h" + number % 4, LONG, order));
              }
              return number;
            });

    assertThat(live(order))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 4).mapToObj(i -> "h" + i).toList());
  }

  static Stream<Arguments> badRegistrations() {
    HostedDefinition order = new HostedDefinition(new DefinitionVersion("order", 2));
    HostedDefinition negative = new HostedDefinition(new DefinitionVersion("order", -1));
    HostedDefinition unlimited =
        new HostedDefinition(order.definition(), new ClaimLimits(0, null, null));
    List<HostedDefinition> tooMany = Collections.nCopies(1_001, order);
    Duration zero = Duration.ZERO;
    return Stream.of(
        arguments("id", new HostRegistration("", "n", "1", zero, LONG, List.of())),
        arguments("id", new HostRegistration("\0", "n", "1", zero, LONG, List.of())),
        arguments("name", new HostRegistration("h", "", "1", zero, LONG, List.of())),
        arguments("name", new HostRegistration("h", nothing(), "1", zero, LONG, List.of())),
        arguments("name", new HostRegistration("h", "n".repeat(1_025), "1", zero, LONG, List.of())),
        arguments("version", new HostRegistration("h", "n", "\0", zero, LONG, List.of())),
        arguments("age", new HostRegistration("h", "n", "1", nothing(), LONG, List.of())),
        arguments("age", new HostRegistration("h", "n", "1", LONG.negated(), LONG, List.of())),
        arguments("validity", new HostRegistration("h", "n", "1", zero, nothing(), List.of())),
        arguments("validity", new HostRegistration("h", "n", "1", zero, zero, List.of())),
        arguments(
            "validity", new HostRegistration("h", "n", "1", zero, Duration.ofHours(25), List.of())),
        arguments("definitions", new HostRegistration("h", "n", "1", zero, LONG, nothing())),
        arguments("definitions", new HostRegistration("h", "n", "1", zero, LONG, tooMany)),
        arguments(
            "definitions[0].version",
            new HostRegistration("h", "n", "1", zero, LONG, List.of(negative))),
        arguments(
            "definitions[0].limits.atATime",
            new HostRegistration("h", "n", "1", zero, LONG, List.of(unlimited))));
  }

  @ParameterizedTest
  @MethodSource("badRegistrations")
  void aBadRegistrationIsRefusedAndNothingIsStored(String field, HostRegistration host) {
    assertRefused(field, () -> provider().registerHost(host));
    assertThat(provider().getHosts(1)).isEmpty();
  }

  @Test
  void badArgumentsAreRefused() {
    assertRefused("host", () -> provider().registerHost(nothing()));
    assertRefused("id", () -> provider().removeHost(nothing()));
    for (int limit : new int[] {0, -1, HostRepository.MAX_HOSTS + 1}) {
      assertRefused("limit", () -> provider().getHosts(limit));
      assertRefused("limit", () -> provider().getLiveHosts(order.definition(), limit));
    }
    assertRefused("definition", () -> provider().getLiveHosts(nothing(), 1));
    assertRefused("definitionId", () -> provider().getLiveHosts(new DefinitionVersion("\0", 1), 1));
    assertRefused("workflowId", () -> provider().getLimitUsage(nothing(), null));
    assertRefused("workflowId", () -> provider().getLimitUsage("\0", null));
    assertRefused("period", () -> provider().getLimitUsage("w", Duration.ZERO));
  }

  private static void assertRefused(String field, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidValueException.class,
            refusal -> {
              assertThat(refusal.field()).isEqualTo(field);
              assertThat(refusal.retryable()).isFalse();
            });
  }
}
