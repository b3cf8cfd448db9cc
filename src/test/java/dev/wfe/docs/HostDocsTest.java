package dev.wfe.docs;

import static dev.wfe.docs.GettingStartedDocsTest.DECIDED;
import static dev.wfe.host.WorkflowOption.concurrency;
import static dev.wfe.host.WorkflowOption.concurrencyPerKey;
import static dev.wfe.host.WorkflowOption.priority;
import static dev.wfe.host.WorkflowOption.rate;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.docs.GettingStartedDocsTest.Decision;
import dev.wfe.docs.GettingStartedDocsTest.Expense;
import dev.wfe.host.ActivityClient;
import dev.wfe.host.ActivityType;
import dev.wfe.host.ActivityWorker;
import dev.wfe.host.Concurrency;
import dev.wfe.host.EventType;
import dev.wfe.host.Overlap;
import dev.wfe.host.PlannedTime;
import dev.wfe.host.Recurrence;
import dev.wfe.host.RetryPolicy;
import dev.wfe.host.Schedule;
import dev.wfe.host.StartOptions;
import dev.wfe.host.StartResult;
import dev.wfe.host.StepMapping;
import dev.wfe.host.StepState;
import dev.wfe.host.TimeLimit;
import dev.wfe.host.Timeout;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowHost;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.Priority;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ItemResult;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.testing.WorkflowTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What {@code docs/host.md} shows is what was tested. */
final class HostDocsTest {
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  record Payment(long cents) {}

  record Order(String id, Payment payment, @Nullable String receipt, int reserved) {
    Order paid(String given) {
      return new Order(id, payment, given, reserved);
    }

    Order reserved(int items) {
      return new Order(id, payment, receipt, items);
    }
  }

  static final ActivityType<Payment, String> PAY =
      ActivityType.of("pay", Payment.class, String.class);

  private static String pay(Payment payment) {
    return "receipt for " + payment.cents();
  }

  static final class Bank {
    String pay(Payment payment, String idempotencyKey) {
      return idempotencyKey.isEmpty() ? "nothing" : HostDocsTest.pay(payment);
    }
  }

  private static void work(String url, Bank bank) throws InterruptedException {
    try (var provider = PostgresPersistenceProvider.connect(url);
        var worker =
            ActivityWorker.builder(provider)
                .activity(PAY, task -> bank.pay(task.input(), task.idempotencyKey()))
                .build()) {
      worker.run();
    }
  }

  private static int reserve(Connection connection, Order order) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate("insert into reservations values ('" + order.id() + "')");
    }
  }

  private static void start(WorkflowHost host, Workflow<Expense> approval, Expense expense) {
    StartResult result = host.startWorkflow(approval, expense, StartOptions.id("e-1"));
    assertThat(result.created()).isTrue();
    host.publish(DECIDED, "e-1", new Decision(true, "ann"));
  }

  @Test
  void workerOutsideCompletesAnActivity() {
    Workflow<Order> workflow =
        Workflow.define("order", 1, Order.class)
            .activity("pay", PAY, Order::payment, Order::paid, TimeLimit.of(Duration.ofHours(2)))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, new Order("o-1", new Payment(100), null, 0));
      var provider = test.provider();

      ActivityClient activities = ActivityClient.over(provider, "worker-1");
      activities
          .take(PAY, Duration.ofMinutes(1))
          .ifPresent(task -> task.complete(pay(task.input())));

      test.advance(Duration.ZERO);
      assertThat(test.state(workflow, id).data().receipt()).isEqualTo("receipt for 100");
    }
  }

  @Test
  void workerProgramCompletesAnActivity() throws Exception {
    Workflow<Order> workflow =
        Workflow.define("order", 1, Order.class)
            .activity("pay", PAY, Order::payment, Order::paid, TimeLimit.of(Duration.ofHours(2)))
            .build();
    try (TestDatabase database = TestDatabase.migrated();
        var provider = PostgresPersistenceProvider.connect(database.url());
        var host = WorkflowHost.builder(provider).workflow(workflow).build()) {
      host.start();
      Thread program =
          new Thread(
              () -> {
                try {
                  work(database.url(), new Bank());
                } catch (InterruptedException ended) {
                  Thread.currentThread().interrupt();
                }
              });
      program.start();
      String id = host.startWorkflow(workflow, new Order("o-1", new Payment(100), null, 0)).id();

      Order order = host.awaitEnd(workflow, id, Duration.ofSeconds(30)).data();

      assertThat(order.receipt()).isEqualTo("receipt for 100");
      program.interrupt();
      program.join();
    }
  }

  @Test
  void rowsOfAStepAreCommittedWithItsOutcome() throws Exception {
    Workflow<Order> workflow =
        Workflow.define("order", 1, Order.class)
            .callInTransaction(
                "reserve",
                (order, transaction) -> reserve(transaction.connection(), order),
                Order::reserved)
            .build();
    Workflow<Expense> approval =
        Workflow.define("approval", 1, Expense.class).run("ask", expense -> {}).build();
    try (TestDatabase database = TestDatabase.migrated();
        var provider = PostgresPersistenceProvider.connect(database.url());
        var host = WorkflowHost.builder(provider).workflow(workflow).workflow(approval).build()) {
      database.execute("create table reservations (id text primary key)");
      host.start();
      start(host, approval, new Expense("e-1", 1, null, null));
      String id = host.startWorkflow(workflow, new Order("o-1", new Payment(1), null, 0)).id();

      Order order = host.awaitEnd(workflow, id, Duration.ofSeconds(30)).data();

      assertThat(order.reserved()).isEqualTo(1);
      assertThat(database.queryForStrings("select id from reservations")).containsExactly("o-1");
      assertThat(host.awaitEnd(approval, "e-1", Duration.ofSeconds(30)).status())
          .isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  record Shipment(String order, @Nullable String code) {
    Shipment(String order) {
      this(order, null);
    }

    Shipment sent() {
      return new Shipment(order, "code of " + order);
    }
  }

  record Sale(String id, @Nullable String code) {
    Sale shipped(@Nullable String given) {
      return new Sale(id, given);
    }
  }

  static final Workflow<Shipment> SHIPPING =
      Workflow.define("shipping", 1, Shipment.class).update("send", Shipment::sent).build();

  @Test
  void childIsStartedAndItsDataMerged() {
    Workflow<Sale> sale =
        Workflow.define("sale", 1, Sale.class)
            .child(
                "ship",
                SHIPPING,
                order -> new Shipment(order.id()),
                (order, shipment) -> order.shipped(shipment.code()))
            .build();
    try (WorkflowTest test = WorkflowTest.of(sale)) {
      String id = test.start(sale, new Sale("s-1", null));
      assertThat(test.state(sale, id).data().code()).isEqualTo("code of s-1");
    }
  }

  enum Carrier {
    POST,
    COURIER
  }

  record Line(String item, int taken) {
    Line taken(int shelf) {
      return new Line(item, shelf);
    }
  }

  record Parcel(
      List<Line> lines,
      Carrier carrier,
      List<String> picked,
      @Nullable String label,
      boolean waiting) {
    Parcel picked(Line line) {
      List<String> all =
          Stream.concat(picked.stream(), Stream.of(line.item() + line.taken())).toList();
      return new Parcel(lines, carrier, all, label, waiting);
    }

    Parcel labelled(String given) {
      return new Parcel(lines, carrier, picked, given, waiting);
    }

    Parcel collected(boolean isCollected) {
      return new Parcel(lines, carrier, picked, label, !isCollected);
    }
  }

  static final class Shelves {
    int take(Line line) {
      return line.item().length();
    }
  }

  static final class Printer {
    String stamp(Parcel parcel) {
      return "stamp for " + parcel.lines().size();
    }
  }

  static final class Courier {
    private int asked;

    String book(Parcel parcel) {
      return "booking for " + parcel.lines().size();
    }

    boolean hasCollected(Parcel parcel) {
      return ++asked == 3 && parcel.waiting();
    }
  }

  static final class Mail {
    private final List<Parcel> sent = new ArrayList<>();

    void send(Parcel parcel) {
      sent.add(parcel);
    }
  }

  private static Workflow<Parcel> packing(
      Shelves shelves, Printer printer, Courier courier, Mail mail) {
    return Workflow.define("packing", 1, Parcel.class)
        .parallel(
            "prepare",
            lines ->
                lines.forEach(
                    "pick",
                    Parcel::lines,
                    Line.class,
                    line -> line.call("take", shelves::take, Line::taken),
                    Parcel::picked,
                    Concurrency.of(4)),
            label ->
                label.switchOn(
                    "carrier",
                    Parcel::carrier,
                    carrier ->
                        carrier
                            .on(
                                Carrier.POST,
                                post -> post.call("stamp", printer::stamp, Parcel::labelled))
                            .otherwise(
                                other -> other.call("book", courier::book, Parcel::labelled))))
        .repeatWhile(
            "collected?",
            Parcel::waiting,
            again ->
                again
                    .delay("pause", Duration.ofHours(1))
                    .call("ask", courier::hasCollected, Parcel::collected))
        .run("notify", mail::send)
        .build();
  }

  @ParameterizedTest
  @CsvSource({"POST, stamp for 2", "COURIER, booking for 2"})
  void parcelIsPackedAndLabelledAndCollected(Carrier carrier, String label) {
    Mail mail = new Mail();
    Workflow<Parcel> packing = packing(new Shelves(), new Printer(), new Courier(), mail);
    try (WorkflowTest test = WorkflowTest.of(packing)) {
      List<Line> lines = List.of(new Line("tea", 0), new Line("cake", 0));

      String id = test.start(packing, new Parcel(lines, carrier, List.of(), null, true));
      test.advance(Duration.ofHours(2));
      assertThat(mail.sent).isEmpty();
      test.advance(Duration.ofHours(1));

      assertThat(mail.sent).hasSize(1);
      Parcel parcel = test.state(packing, id).data();
      assertThat(parcel.label()).isEqualTo(label);
      assertThat(parcel.picked()).containsExactly("tea3", "cake4");
    }
  }

  record Trip(
      String id, @Nullable String flight, @Nullable String hotel, @Nullable String payment) {
    Trip withFlight(String booked) {
      return new Trip(id, booked, hotel, payment);
    }

    Trip withHotel(String booked) {
      return new Trip(id, flight, booked, payment);
    }

    Trip withPayment(String paid) {
      return new Trip(id, flight, hotel, paid);
    }
  }

  static final EventType<String> PAID = EventType.of("paid", String.class);

  static final class Airline {
    private final List<Trip> cancelled = new ArrayList<>();

    String book(Trip trip) {
      return "flight for " + trip.id();
    }

    void cancel(Trip trip) {
      cancelled.add(trip);
    }
  }

  static final class Hotels {
    private boolean isFull;

    String book(Trip trip) {
      if (isFull) {
        throw new IllegalStateException("No room for " + trip.id());
      }
      return "room for " + trip.id();
    }

    void cancel(Trip trip) {
      if (trip.hotel() != null) {
        isFull = false;
      }
    }
  }

  static final class TripMail {
    private final List<String> sent = new ArrayList<>();

    void apologise(Trip trip) {
      sent.add("sorry, " + trip.id());
    }

    void sendTickets(Trip trip) {
      sent.add("tickets for " + trip.id());
    }
  }

  private static Workflow<Trip> trip(Airline airline, Hotels hotels, TripMail mail) {
    return Workflow.define("trip", 1, Trip.class)
        .saga(
            "book",
            saga ->
                saga.call("flight", airline::book, Trip::withFlight)
                    .compensateWith(undo -> undo.run("cancel flight", airline::cancel))
                    .call("hotel", hotels::book, Trip::withHotel, RetryPolicy.none())
                    .compensateWith(undo -> undo.run("cancel hotel", hotels::cancel))
                    .await(
                        "paid",
                        PAID,
                        Trip::id,
                        Trip::withPayment,
                        Timeout.after(Duration.ofDays(2))
                            .branch(
                                late -> late.compensate("not paid", trip -> "Not paid in time"))),
            failed -> failed.run("apologise", mail::apologise).end("cancelled"))
        .run("send tickets", mail::sendTickets)
        .build();
  }

  @ParameterizedTest
  @CsvSource({"full, No room for t", "late, Not paid in time", "fine,"})
  void tripIsBookedOrUndone(String how, @Nullable String reason) {
    Airline airline = new Airline();
    Hotels hotels = new Hotels();
    TripMail mail = new TripMail();
    hotels.isFull = how.equals("full");
    Workflow<Trip> trip = trip(airline, hotels, mail);
    try (WorkflowTest test = WorkflowTest.of(trip)) {
      String id = test.start(trip, new Trip("t", null, null, null));
      if (how.equals("fine")) {
        test.publish(PAID, "t", "cash");
      }
      test.advance(Duration.ofDays(2));

      assertThat(test.state(trip, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      if (reason == null) {
        assertThat(mail.sent).containsExactly("tickets for t");
        assertThat(airline.cancelled).isEmpty();
      } else {
        assertThat(mail.sent).containsExactly("sorry, t");
        assertThat(airline.cancelled).extracting(Trip::flight).containsExactly("flight for t");
        assertThat(test.state(trip, id).step("book").orElseThrow().error()).contains(reason);
      }
    }
  }

  record Report(String kind, @Nullable Instant day) {}

  static final class Reports {
    final List<Instant> written = new ArrayList<>();

    void write(Report report) {
      written.add(report.day());
    }
  }

  private static Workflow<Report> report(Reports reports) {
    return Workflow.define("report", 1, Report.class).run("write", reports::write).build();
  }

  private static Schedule<Report> nightly(Workflow<Report> report) {
    return Schedule.of(
        "nightly-report",
        report,
        Recurrence.cron("30 2 * * *", ZoneId.of("Europe/Vienna")),
        new Report("sales", null),
        PlannedTime.in("day"),
        Overlap.SKIP);
  }

  @Test
  void reportIsWrittenEachNight() {
    Reports reports = new Reports();
    Workflow<Report> report = report(reports);
    try (WorkflowTest test = WorkflowTest.at(Instant.parse("2026-03-27T12:00:00Z"), report)) {
      test.schedules().schedule(nightly(report));

      test.advance(Duration.ofDays(7));

      assertThat(reports.written).hasSize(7).startsWith(Instant.parse("2026-03-28T01:30:00Z"));
    }
  }

  @Test
  void schedulesAreStoredByTheHost() {
    Workflow<Report> report = report(new Reports());
    var provider = new InMemoryPersistenceProvider();
    try (WorkflowHost host =
        WorkflowHost.builder(provider).workflow(report).schedule(nightly(report)).build()) {
      host.start();
      assertThat(host.schedules().state("nightly-report")).isPresent();
    }
  }

  record Purchase(String card, List<String> charged) {
    Purchase withCard(String other) {
      return new Purchase(other, charged);
    }

    Purchase charge() {
      return new Purchase(card, Stream.concat(charged.stream(), Stream.of(card)).toList());
    }
  }

  static final Workflow<Purchase> ORDERS =
      Workflow.define("orders", 1, Purchase.class)
          .update("charge", Purchase::charge)
          .parallel(
              "ship",
              a -> a.delay("wait for the carrier", Duration.ofDays(1)),
              b -> b.delay("pack", Duration.ofHours(1)))
          .build();

  private static void runAgain(WorkflowClient host, String id, String card) {
    host.rerun(id, "charge");
    host.rerun(ORDERS, id, "charge", order -> order.withCard(card));
  }

  private static List<StepState> cancelTheWait(WorkflowClient host, String id) {
    List<StepState> cancelled = host.cancel(id, "wait for the carrier");
    return cancelled;
  }

  private static Map<String, ItemResult<Boolean>> suspendAll(
      WorkflowClient host, List<String> ids, Logger log) {
    Map<String, ItemResult<Boolean>> results =
        host.all(ids).onProgress(done -> log.info("{} of {}", done, ids.size())).suspend();
    return results;
  }

  @Test
  void orderIsChargedAgainAndItsBranchCancelled() {
    try (WorkflowTest test = WorkflowTest.of(ORDERS)) {
      String id = test.start(ORDERS, new Purchase("old card", List.of()));

      runAgain(test, id, "new card");

      assertThat(test.state(ORDERS, id).data().charged())
          .containsExactly("old card", "old card", "new card");
      assertThat(cancelTheWait(test, id)).hasSize(1);
      assertThat(suspendAll(test, List.of(id), LoggerFactory.getLogger("orders"))).hasSize(1);
      test.resume(id);
      test.advance(Duration.ofHours(1));
      assertThat(test.state(ORDERS, id).hasEnded()).isTrue();
    }
  }

  record Asked(String id) {}

  record Decided(String id, String by) {
    Decided by(Decision decision) {
      return new Decided(id, decision.by());
    }
  }

  static final Workflow<Asked> FIRST =
      Workflow.define("approval", 1, Asked.class)
          .await("approve", DECIDED, Asked::id, (asked, decision) -> asked)
          .build();

  static final Workflow<Decided> SECOND =
      Workflow.define("approval", 2, Decided.class)
          .await("decide", DECIDED, Decided::id, Decided::by)
          .build();

  private static void moveToTheSecond(WorkflowClient host, String id) {
    host.move(
        id,
        SECOND,
        StepMapping.sameNames()
            .step("approve", "decide")
            .data(old -> new Decided(old.path("id").asText(), "")));
  }

  @Test
  void approvalIsMovedToAnotherVersion() {
    try (WorkflowTest test = WorkflowTest.of(FIRST, SECOND)) {
      String id = test.start(FIRST, new Asked("e-1"));
      moveToTheSecond(test, id);
      test.publish(DECIDED, "e-1", new Decision(true, "ann"));
      assertThat(test.state(SECOND, id).data().by()).isEqualTo("ann");
    }
  }

  record Import(String customer, int rows) {}

  static final class Loader {
    private final List<String> loaded = new ArrayList<>();

    void load(Import data) {
      loaded.add(data.customer());
    }
  }

  @Test
  void importsWithFewRowsComeFirst() {
    Loader loader = new Loader();
    Workflow<Import> imports =
        Workflow.define(
                "import",
                1,
                Import.class,
                concurrency(10),
                concurrencyPerKey(1, Import::customer),
                rate(100, Duration.ofMinutes(1)),
                priority(data -> data.rows() < 1_000 ? Priority.HIGH : Priority.NORMAL))
            .run("load", loader::load)
            .build();
    try (WorkflowTest test = WorkflowTest.of(imports)) {
      WorkflowClient client = WorkflowClient.over(test.provider());
      client.startWorkflow(imports, new Import("many", 1_000), StartOptions.none());
      client.startWorkflow(imports, new Import("few", 999), StartOptions.none());
      test.advance(Duration.ZERO);
    }
    assertThat(loader.loaded).containsExactly("few", "many");
  }

  @Test
  void itsSnippetsAreTests() throws IOException {
    String tested =
        words(Files.readString(Path.of("src/test/java/dev/wfe/docs/HostDocsTest.java")));

    List<String> snippets =
        SNIPPET
            .matcher(Files.readString(Path.of("docs/host.md")))
            .results()
            .flatMap(snippet -> Stream.of(snippet.group(1).split("\n\n")))
            .map(HostDocsTest::words)
            .toList();

    assertThat(snippets).hasSize(16).allSatisfy(snippet -> assertThat(tested).contains(snippet));
  }

  private static String words(String code) {
    return code.lines()
        .map(line -> line.replaceFirst("^\\s*// .*$", ""))
        .map(String::strip)
        .collect(Collectors.joining(" "))
        .replaceAll("\\s+", "")
        .strip();
  }
}
