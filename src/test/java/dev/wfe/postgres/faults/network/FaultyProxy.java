package dev.wfe.postgres.faults.network;

import dev.wfe.postgres.faults.server.Ports;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Stands between clients and a PostgreSQL and passes on what they say, as long as it is not told to
 * do otherwise: for all connections there are and will be, or at a chosen moment of one request.
 * Thread-safe.
 */
public final class FaultyProxy implements AutoCloseable {
  /** A server that does not answer must not keep other clients waiting. */
  private static final int CONNECT_MILLIS = 2_000;

  private final String jdbcUrl;
  private final String serverHost;
  private final int serverPort;
  private final int port = Ports.free();
  private final Map<Direction, Gate> gates = new EnumMap<>(Direction.class);
  private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
  private final List<Trigger> triggers = new ArrayList<>();
  private volatile Duration latency = Duration.ZERO;
  private @Nullable ServerSocket listener;
  private Thread accepting = new Thread();

  /** In front of the server of a {@code jdbc:postgresql:} URL. */
  public FaultyProxy(String jdbcUrl) {
    Properties parts = Driver.parseURL(jdbcUrl, null);
    if (parts == null) {
      throw new IllegalArgumentException(jdbcUrl);
    }
    this.jdbcUrl = jdbcUrl;
    this.serverHost = PGProperty.PG_HOST.getOrDefault(parts);
    this.serverPort = Integer.parseInt(PGProperty.PG_PORT.getOrDefault(parts));
    for (Direction direction : Direction.values()) {
      gates.put(direction, new Gate());
    }
    acceptConnections();
  }

  /** The server's URL, through this proxy. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:%s%s"
        .formatted(port, jdbcUrl.substring(jdbcUrl.lastIndexOf('/')));
  }

  /** Refuses new connections, as if no program listened. */
  synchronized void refuseConnections() {
    if (listener == null) {
      return;
    }
    close(listener);
    listener = null;
    try {
      // The port is open for as long as a thread waits at it.
      accepting.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets new connections in again. */
  synchronized void acceptConnections() {
    if (listener != null) {
      return;
    }
    try {
      ServerSocket opened = Ports.listen(port);
      listener = opened;
      accepting = new Thread(() -> accept(opened), "proxy");
      accepting.setDaemon(true);
      accepting.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket opened) {
    while (!opened.isClosed()) {
      try {
        connect(opened.accept());
      } catch (IOException closed) {
        // the loop ends
      }
    }
  }

  private void connect(Socket client) {
    try {
      client.setTcpNoDelay(true);
      Socket server = new Socket();
      server.connect(
          new InetSocketAddress(InetAddress.getByName(serverHost), serverPort), CONNECT_MILLIS);
      server.setTcpNoDelay(true);
      ProxiedConnection connection = new ProxiedConnection(this, client, server);
      connections.add(connection);
      connection.start();
    } catch (IOException noServer) {
      ProxiedConnection.reset(client);
    }
  }

  void forget(ProxiedConnection connection) {
    connections.remove(connection);
  }

  /** Resets all connections: what is on its way is lost. */
  void cutAll() {
    connections.forEach(ProxiedConnection::cut);
  }

  /** Resets one connection, if there is any. */
  public void cutOne(Random random) {
    List<ProxiedConnection> all = new ArrayList<>(connections);
    if (!all.isEmpty()) {
      all.get(random.nextInt(all.size())).cut();
    }
  }

  /** Ends all connections in an orderly way. */
  void endAll() {
    connections.forEach(ProxiedConnection::end);
  }

  /** Ends one direction of all connections. */
  void halfCloseAll(Direction direction) {
    connections.forEach(connection -> connection.halfClose(direction));
  }

  /** Each piece that is passed on takes so much longer. */
  void delay(Duration latency) {
    this.latency = latency;
  }

  /**
   * Takes what comes that way and keeps it to itself, on all connections, also on new ones; as a
   * network does that has lost its way.
   */
  public void blackHole(Direction direction) {
    gate(direction).shut();
  }

  /** Passes on again, what was kept first. */
  public void heal() {
    gates.values().forEach(Gate::open);
    connections.forEach(ProxiedConnection::heal);
  }

  private Gate gate(Direction direction) {
    Gate gate = gates.get(direction);
    if (gate == null) {
      throw new IllegalStateException();
    }
    return gate;
  }

  void pass(Direction direction) throws InterruptedException {
    Duration late = latency;
    if (!late.isZero()) {
      TimeUnit.NANOSECONDS.sleep(late.toNanos());
    }
    gate(direction).pass();
  }

  /** Acts once, before the first request that runs such SQL is sent to the server. */
  Trigger beforeRequest(Predicate<String> sql, Consumer<ProxiedConnection> action) {
    return at(Trigger.Moment.BEFORE_REQUEST, sql, action);
  }

  /** Acts once, right after the first request that runs such SQL was sent to the server. */
  public Trigger afterRequest(Predicate<String> sql, Consumer<ProxiedConnection> action) {
    return at(Trigger.Moment.AFTER_REQUEST, sql, action);
  }

  /** Acts once, when the server has carried out the first request that runs such SQL. */
  public Trigger beforeAnswer(Predicate<String> sql, Consumer<ProxiedConnection> action) {
    return at(Trigger.Moment.BEFORE_ANSWER, sql, action);
  }

  /** Acts once, at that moment of the first request that runs such SQL. */
  public Trigger at(
      Trigger.Moment moment, Predicate<String> sql, Consumer<ProxiedConnection> action) {
    Trigger trigger = new Trigger(moment, sql, action);
    synchronized (triggers) {
      triggers.add(trigger);
    }
    return trigger;
  }

  /** Forgets what was to be done at requests that did not come. */
  void forgetTriggers() {
    synchronized (triggers) {
      triggers.clear();
    }
  }

  /** The trigger whose request this is, which is no other request's from now on. */
  @Nullable Trigger take(String sql) {
    if (sql.isEmpty()) {
      return null;
    }
    synchronized (triggers) {
      for (Iterator<Trigger> all = triggers.iterator(); all.hasNext(); ) {
        Trigger trigger = all.next();
        if (trigger.matches(sql)) {
          all.remove();
          return trigger;
        }
      }
    }
    return null;
  }

  static void close(Closeable resource) {
    try {
      resource.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Cuts what is connected, and lets nobody in any more. */
  @Override
  public void close() {
    refuseConnections();
    cutAll();
    heal();
  }
}
