package dev.wfe.persistence;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The position of a row in a sorted list, for implementations of {@link WorkflowQueries}. As text
 * it is opaque, and carries a checksum and the query to which it belongs.
 *
 * @param key the row's value in the column by which the list is sorted, as text; null if it has
 *     none
 * @param id the row's id
 */
public record PageCursor(@Nullable String key, String id) {
  private static final int CHECKSUM_CHARS = 8;
  private static final char ABSENT = '-';
  private static final char PRESENT = '+';

  /**
   * The cursor as text.
   *
   * @param query describes operation, filter and sort
   */
  public String encode(String query) {
    String place =
        key == null ? ABSENT + id : "%s%s:%s%s".formatted(PRESENT, key.length(), key, id);
    String body = checksum(query) + place;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((checksum(body) + body).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The cursor of a text.
   *
   * @param operation the operation that received it
   * @param query as in {@link #encode}
   * @throws InvalidValueException if the text is no cursor, or the cursor of another query; not
   *     retryable
   */
  public static PageCursor decode(String operation, String query, String text) {
    String decoded;
    try {
      decoded = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notBase64) {
      throw malformed(operation);
    }
    if (decoded.length() <= 2 * CHECKSUM_CHARS
        || !decoded.startsWith(checksum(decoded.substring(CHECKSUM_CHARS)))) {
      throw malformed(operation);
    }
    if (!decoded.startsWith(checksum(query), CHECKSUM_CHARS)) {
      throw new InvalidValueException(
          operation,
          "",
          "page.after",
          "is a cursor of another filter or sort; start from the first page");
    }
    return place(operation, decoded.substring(2 * CHECKSUM_CHARS));
  }

  private static PageCursor place(String operation, String place) {
    if (place.charAt(0) == ABSENT) {
      return new PageCursor(null, place.substring(1));
    }
    try {
      int colon = place.indexOf(':');
      int end = colon + 1 + Integer.parseInt(place.substring(1, colon));
      return new PageCursor(place.substring(colon + 1, end), place.substring(end));
    } catch (IndexOutOfBoundsException | NumberFormatException forged) {
      throw malformed(operation);
    }
  }

  /** The refusal of a cursor that this library has not made. */
  public static InvalidValueException malformed(String operation) {
    return new InvalidValueException(
        operation,
        "",
        "page.after",
        "is not a cursor; pass the value of the previous page unchanged, or start from the first"
            + " page");
  }

  private static String checksum(String text) {
    CRC32 checksum = new CRC32();
    checksum.update(text.getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", checksum.getValue());
  }
}
