package dev.wfe.postgres.cost;

import java.nio.ByteBuffer;

/**
 * Parses what a client sends to PostgreSQL on one connection, far enough to count the statements,
 * transaction control included. Not thread-safe.
 */
final class SentMessages {
  private static final int PROTOCOL_3 = 3 << 16;
  private static final int LENGTH_BYTES = 4;

  /** The packets that open a connection begin with a length and a code; later ones with a type. */
  private final ByteBuffer header = ByteBuffer.allocate(2 * LENGTH_BYTES);

  private boolean opened;
  private long bytesLeft;
  private long statements;

  /** Takes the next bytes. */
  void add(byte[] bytes, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      if (bytesLeft > 0) {
        int skipped = (int) Math.min(bytesLeft, end - at);
        bytesLeft -= skipped;
        at += skipped;
      } else {
        header.put(bytes[at]);
        at++;
        if (header.position() == (opened ? 1 + LENGTH_BYTES : 2 * LENGTH_BYTES)) {
          readHeader();
        }
      }
    }
  }

  private void readHeader() {
    header.flip();
    if (opened) {
      byte type = header.get();
      bytesLeft = (long) header.getInt() - LENGTH_BYTES;
      if (type == 'E' || type == 'Q') {
        statements++;
      }
    } else {
      bytesLeft = (long) header.getInt() - 2 * LENGTH_BYTES;
      opened = header.getInt() == PROTOCOL_3;
    }
    header.clear();
  }

  /** Executions of a prepared statement and simple queries so far. */
  long statements() {
    return statements;
  }
}
