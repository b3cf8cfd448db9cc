package dev.wfe.postgres.cost;

import dev.wfe.postgres.testing.TestDatabase;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.SocketFactory;

/**
 * Sockets for the driver that count what it sends and how often it waits for an answer. A read
 * after a write is one round trip, however many messages were written. The driver creates it from
 * the class name in the URL.
 */
public final class CountingSockets extends SocketFactory {
  private static final AtomicLong ROUND_TRIPS = new AtomicLong();
  private static final AtomicLong BYTES = new AtomicLong();
  private static final AtomicLong STATEMENTS = new AtomicLong();

  /** Called by the driver. */
  public CountingSockets() {}

  /** Of all sockets so far. */
  public static long roundTrips() {
    return ROUND_TRIPS.get();
  }

  /** Written to all sockets so far. */
  static long bytes() {
    return BYTES.get();
  }

  /** Sent through all sockets so far, transaction control included. */
  public static long statements() {
    return STATEMENTS.get();
  }

  /** The URL of PostgreSQL, with connections through these sockets. */
  public static String url(TestDatabase database) {
    String url = database.url();
    return url
        + (url.contains("?") ? "&" : "?")
        + "socketFactory="
        + CountingSockets.class.getName();
  }

  @Override
  public Socket createSocket() {
    return new CountingSocket();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException();
  }

  private static final class CountingSocket extends Socket {
    private final AtomicBoolean asked = new AtomicBoolean();
    private final SentMessages sent = new SentMessages();

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(int b) throws IOException {
          note(new byte[] {(byte) b}, 0, 1);
          out.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          note(bytes, offset, length);
          out.write(bytes, offset, length);
        }
      };
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          count();
          return in.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          count();
          return in.read(bytes, offset, length);
        }
      };
    }

    private void note(byte[] bytes, int offset, int length) {
      asked.set(true);
      BYTES.addAndGet(length);
      long before = sent.statements();
      sent.add(bytes, offset, length);
      STATEMENTS.addAndGet(sent.statements() - before);
    }

    private void count() {
      if (asked.getAndSet(false)) {
        ROUND_TRIPS.incrementAndGet();
      }
    }
  }
}
