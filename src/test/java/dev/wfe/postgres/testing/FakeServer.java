package dev.wfe.postgres.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Gives every client the same answer: that of a PostgreSQL that refuses, or another. */
public final class FakeServer implements AutoCloseable {
  private static final int SSL_REQUEST = 80_877_103;

  private static final byte[] DONE = "SET\0".getBytes(StandardCharsets.UTF_8);

  /** Describes rows of one column that is text. */
  private static final byte[] TEXT = {
    0, 1, 's', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, -1, -1, -1, -1, -1, -1, 0, 0
  };

  /** A row of one column. */
  private static final byte[] ISOLATION =
      "\0\1\0\0\0\16read committed".getBytes(StandardCharsets.UTF_8);

  private final ServerSocket listener;

  private interface Answer {
    void give(DataInputStream in, DataOutputStream out) throws IOException;
  }

  private FakeServer(Answer answer) {
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread thread = new Thread(() -> serve(answer), "fake server");
    thread.setDaemon(true);
    thread.start();
  }

  /** Refuses after the start-up packet, with the SQLState. */
  public static FakeServer refusing(String sqlState, String message) {
    return new FakeServer(
        (in, out) -> {
          skipStartup(in, out);
          ByteArrayOutputStream fields = new ByteArrayOutputStream();
          for (String field : new String[] {"SFATAL", "VFATAL", "C" + sqlState, "M" + message}) {
            fields.writeBytes(field.getBytes(StandardCharsets.UTF_8));
            fields.write(0);
          }
          fields.write(0);
          out.writeByte('E');
          out.writeInt(fields.size() + 4);
          fields.writeTo(out);
        });
  }

  /** Speaks another protocol. */
  public static FakeServer ofTheWeb() {
    return new FakeServer(
        (in, out) -> out.writeBytes("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
  }

  /** Lets everybody in, as a server of the version, and does nothing. */
  public static FakeServer ofVersion(String version) {
    return new FakeServer(
        (in, out) -> {
          skipStartup(in, out);
          send(out, 'R', new byte[4]);
          for (String parameter :
              new String[] {
                "server_version\0" + version,
                "client_encoding\0UTF8",
                "DateStyle\0ISO",
                "integer_datetimes\0on",
                "standard_conforming_strings\0on"
              }) {
            send(out, 'S', (parameter + "\0").getBytes(StandardCharsets.UTF_8));
          }
          send(out, 'Z', new byte[] {'I'});
          answerEverything(in, out);
        });
  }

  /** Pools ask for the isolation before anybody else asks. */
  private static void answerEverything(DataInputStream in, DataOutputStream out)
      throws IOException {
    boolean asksForIsolation = false;
    while (true) {
      out.flush();
      char message = (char) in.readByte();
      byte[] body = new byte[in.readInt() - 4];
      in.readFully(body);
      switch (message) {
        case 'P' -> {
          asksForIsolation = new String(body, StandardCharsets.UTF_8).contains("SHOW TRANSACTION");
          send(out, '1', new byte[0]);
        }
        case 'B' -> send(out, '2', new byte[0]);
        case 'D' -> send(out, asksForIsolation ? 'T' : 'n', asksForIsolation ? TEXT : new byte[0]);
        case 'E' -> {
          if (asksForIsolation) {
            send(out, 'D', ISOLATION);
          }
          send(out, 'C', DONE);
        }
        case 'S' -> send(out, 'Z', new byte[] {'I'});
        case 'Q' -> {
          send(out, 'C', DONE);
          send(out, 'Z', new byte[] {'I'});
        }
        default -> {
          return;
        }
      }
    }
  }

  private static void send(DataOutputStream out, char type, byte[] body) throws IOException {
    out.writeByte(type);
    out.writeInt(body.length + 4);
    out.write(body);
  }

  private static void skipStartup(DataInputStream in, DataOutputStream out) throws IOException {
    while (true) {
      byte[] packet = new byte[in.readInt() - 8];
      int code = in.readInt();
      in.readFully(packet);
      if (code != SSL_REQUEST) {
        return;
      }
      out.writeByte('N');
      out.flush();
    }
  }

  private void serve(Answer answer) {
    while (!listener.isClosed()) {
      try (Socket socket = listener.accept();
          DataInputStream in = new DataInputStream(socket.getInputStream());
          DataOutputStream out = new DataOutputStream(socket.getOutputStream())) {
        answer.give(in, out);
        out.flush();
        socket.shutdownOutput();
        in.readAllBytes();
      } catch (IOException ended) {
        // The client hung up, or the test is over.
      }
    }
  }

  /** Where it is, with the password {@code secret}. */
  public String url() {
    return "postgres://user:secret@127.0.0.1:%s/database".formatted(listener.getLocalPort());
  }

  /** The same for whoever takes no other. */
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:%s/database?user=user&password=secret"
        .formatted(listener.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
