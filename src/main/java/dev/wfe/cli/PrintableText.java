package dev.wfe.cli;

/**
 * Makes text of the database safe for a terminal: nothing in it can move the cursor, change colours
 * or the direction of writing, or look like another text.
 */
final class PrintableText {
  private PrintableText() {}

  /**
   * Returns the text with each control, format, private and unassigned character replaced by its
   * code, as in {@code \}{@code u{1b}}. A line break becomes {@code \n}, and a tab {@code \t}.
   */
  static String of(String text) {
    if (text.codePoints().allMatch(PrintableText::isPrintable)) {
      return text;
    }
    StringBuilder printable = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(character -> append(printable, character));
    return printable.toString();
  }

  private static void append(StringBuilder printable, int character) {
    if (isPrintable(character)) {
      printable.appendCodePoint(character);
    } else if (character == '\n') {
      printable.append("\\n");
    } else if (character == '\t') {
      printable.append("\\t");
    } else {
      printable.append("\\u{").append(Integer.toHexString(character)).append('}');
    }
  }

  private static boolean isPrintable(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  /** How many columns of a terminal the text takes. */
  static int width(String text) {
    return text.codePoints().map(PrintableText::width).sum();
  }

  private static int width(int character) {
    int type = Character.getType(character);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    boolean emoji = character >= 0x1F300 && character <= 0x1FAFF;
    boolean fullWidth = character >= 0xFF01 && character <= 0xFF60;
    return emoji || fullWidth || isWide(Character.UnicodeScript.of(character)) ? 2 : 1;
  }

  private static boolean isWide(Character.UnicodeScript script) {
    return switch (script) {
      case HAN, HIRAGANA, KATAKANA, HANGUL -> true;
      default -> false;
    };
  }

  /**
   * Returns the beginning of the text that fits into so many columns; an ellipsis replaces the
   * rest.
   */
  static String cut(String text, int columns) {
    if (width(text) <= columns) {
      return text;
    }
    StringBuilder cut = new StringBuilder();
    int taken = 1;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int character = text.codePointAt(i);
      taken += width(character);
      if (taken > columns) {
        break;
      }
      cut.appendCodePoint(character);
    }
    return cut.append('…').toString();
  }
}
