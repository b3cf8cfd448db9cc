package dev.wfe.postgres.faults.network;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One connection through a {@link FaultyProxy}: a thread for each direction. Thread-safe. */
public final class ProxiedConnection {
  private static final byte READY_FOR_QUERY = 'Z';

  private final FaultyProxy proxy;
  private final Socket client;
  private final Socket server;
  private final Map<Direction, Gate> gates = new EnumMap<>(Direction.class);
  private final Map<Direction, Thread> threads = new EnumMap<>(Direction.class);
  private final AtomicInteger running = new AtomicInteger(Direction.values().length);
  private final Gate answers = new Gate();
  private volatile @Nullable Trigger beforeAnswer;

  ProxiedConnection(FaultyProxy proxy, Socket client, Socket server) {
    this.proxy = proxy;
    this.client = client;
    this.server = server;
    for (Direction direction : Direction.values()) {
      gates.put(direction, new Gate());
      Thread thread = new Thread(() -> pump(direction), "proxy " + direction);
      thread.setDaemon(true);
      threads.put(direction, thread);
    }
  }

  void start() {
    threads.values().forEach(Thread::start);
  }

  /** Resets both ends: what is on its way is lost. */
  public void cut() {
    reset(client);
    reset(server);
    threads.values().forEach(Thread::interrupt);
  }

  static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException alreadyClosed) {
      // closing it again does no harm
    }
    FaultyProxy.close(socket);
  }

  /** Ends both ends in an orderly way: both sides read to the end, and can say no more. */
  void end() {
    halfClose(Direction.TO_SERVER);
    halfClose(Direction.TO_CLIENT);
  }

  /** Ends one direction; the other goes on. */
  void halfClose(Direction direction) {
    try {
      (direction == Direction.TO_SERVER ? server : client).shutdownOutput();
    } catch (IOException alreadyClosed) {
      // as it should be
    }
  }

  /** From now on keeps to itself what comes that way, the end of the connection included. */
  void blackHole(Direction direction) {
    gate(direction).shut();
  }

  /** Passes on again, what was kept first. */
  void heal() {
    gates.values().forEach(Gate::open);
  }

  private Gate gate(Direction direction) {
    Gate gate = gates.get(direction);
    if (gate == null) {
      throw new IllegalStateException();
    }
    return gate;
  }

  private void pass(Direction direction) throws InterruptedException {
    proxy.pass(direction);
    gate(direction).pass();
    if (direction == Direction.TO_CLIENT) {
      answers.pass();
    }
  }

  private void pump(Direction direction) {
    try {
      try {
        if (direction == Direction.TO_SERVER) {
          forwardRequests();
        } else {
          forwardAnswers();
        }
      } catch (EOFException ended) {
        pass(direction);
        halfClose(direction);
      } catch (IOException broken) {
        pass(direction);
        cut();
      }
    } catch (InterruptedException cut) {
      // nothing is to be forwarded any more
    } finally {
      if (running.decrementAndGet() == 0) {
        FaultyProxy.close(client);
        FaultyProxy.close(server);
        proxy.forget(this);
      }
    }
  }

  private void forwardRequests() throws IOException, InterruptedException {
    ClientMessages messages = new ClientMessages(client.getInputStream(), client.getOutputStream());
    OutputStream out = server.getOutputStream();
    byte[] startup = messages.startup();
    pass(Direction.TO_SERVER);
    out.write(startup);
    while (true) {
      ClientMessages.Piece piece = messages.next();
      pass(Direction.TO_SERVER);
      Trigger trigger = proxy.take(piece.text());
      if (trigger == null) {
        piece.bytes().writeTo(out);
      } else {
        forward(piece.bytes(), out, trigger);
      }
    }
  }

  private void forward(ByteArrayOutputStream request, OutputStream out, Trigger trigger)
      throws IOException, InterruptedException {
    switch (trigger.moment()) {
      case BEFORE_REQUEST -> {
        trigger.fire(this);
        pass(Direction.TO_SERVER);
        request.writeTo(out);
      }
      case AFTER_REQUEST -> {
        answers.shut();
        request.writeTo(out);
        trigger.fire(this);
        answers.open();
      }
      case BEFORE_ANSWER -> {
        beforeAnswer = trigger;
        request.writeTo(out);
      }
    }
  }

  private void forwardAnswers() throws IOException, InterruptedException {
    DataInputStream in = new DataInputStream(new BufferedInputStream(server.getInputStream()));
    OutputStream out = new BufferedOutputStream(client.getOutputStream());
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    DataOutputStream copy = new DataOutputStream(answer);
    while (true) {
      byte type = in.readByte();
      int length = in.readInt();
      byte[] body = new byte[length - Integer.BYTES];
      in.readFully(body);
      copy.writeByte(type);
      copy.writeInt(length);
      copy.write(body);
      Trigger trigger = beforeAnswer;
      if (trigger != null) {
        if (type != READY_FOR_QUERY) {
          continue;
        }
        beforeAnswer = null;
        trigger.fire(this);
      }
      pass(Direction.TO_CLIENT);
      answer.writeTo(out);
      answer.reset();
      if (in.available() == 0) {
        out.flush();
      }
    }
  }
}
