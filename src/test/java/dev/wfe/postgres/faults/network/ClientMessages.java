package dev.wfe.postgres.faults.network;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What a client says to PostgreSQL on one connection, in pieces that end where the server is to
 * answer. Encryption is declined in the server's name, because nothing could be read of it. Not
 * thread-safe.
 */
final class ClientMessages {
  private static final int HEADER_BYTES = 8;
  private static final int SSL_REQUEST = 80_877_103;
  private static final int GSS_REQUEST = 80_877_104;

  private final DataInputStream in;
  private final OutputStream toClient;

  /** The texts of the statements that were prepared, by their names. */
  private final Map<String, String> prepared = new HashMap<>();

  ClientMessages(InputStream fromClient, OutputStream toClient) {
    this.in = new DataInputStream(new BufferedInputStream(fromClient));
    this.toClient = toClient;
  }

  /**
   * Some messages.
   *
   * @param bytes as they travel
   * @param text the SQL that is run by them; empty when they run none
   */
  record Piece(ByteArrayOutputStream bytes, String text) {}

  /** The packet that opens the connection, or that asks for another one's cancellation. */
  byte[] startup() throws IOException {
    while (true) {
      int length = in.readInt();
      int code = in.readInt();
      byte[] rest = new byte[length - HEADER_BYTES];
      in.readFully(rest);
      if (code != SSL_REQUEST && code != GSS_REQUEST) {
        return ByteBuffer.allocate(length).putInt(length).putInt(code).put(rest).array();
      }
      toClient.write('N');
    }
  }

  /**
   * The messages up to the next one that the server answers.
   *
   * @throws java.io.EOFException at the end
   */
  Piece next() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream copy = new DataOutputStream(bytes);
    StringBuilder text = new StringBuilder();
    while (true) {
      byte type = in.readByte();
      int length = in.readInt();
      byte[] body = new byte[length - Integer.BYTES];
      in.readFully(body);
      copy.writeByte(type);
      copy.writeInt(length);
      copy.write(body);
      switch (type) {
        case 'P' -> prepare(body);
        case 'B' -> text.append(prepared.getOrDefault(textAt(body, afterText(body)), ""));
        case 'Q' -> text.append(textAt(body, 0));
        default -> {}
      }
      // Describe, Execute and Close are answered with the Sync that follows them.
      if ("PBDEC".indexOf(type) < 0) {
        return new Piece(bytes, text.toString());
      }
    }
  }

  private void prepare(byte[] body) {
    prepared.put(textAt(body, 0), textAt(body, afterText(body)));
  }

  /** Where the first text of a message has ended. */
  private static int afterText(byte[] body) {
    int end = 0;
    while (body[end] != 0) {
      end++;
    }
    return end + 1;
  }

  private static String textAt(byte[] body, int start) {
    int end = start;
    while (body[end] != 0) {
      end++;
    }
    return new String(body, start, end - start, StandardCharsets.UTF_8);
  }
}
