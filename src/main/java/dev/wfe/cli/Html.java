package dev.wfe.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A part of an HTML page: an element or a text. It is escaped when it is written, so no value can
 * become markup. Control characters and marks of writing direction become their codes, as at the
 * terminal. There are no elements and attributes that run, load or style anything, and links lead
 * to the page itself only. Not thread-safe.
 */
final class Html {
  private static final Set<String> ELEMENTS =
      Set.of(
          "a",
          "code",
          "dd",
          "details",
          "div",
          "dl",
          "dt",
          "figcaption",
          "figure",
          "footer",
          "h1",
          "h2",
          "h3",
          "header",
          "li",
          "main",
          "nav",
          "ol",
          "p",
          "pre",
          "section",
          "span",
          "strong",
          "summary",
          "table",
          "tbody",
          "td",
          "th",
          "thead",
          "time",
          "tr",
          "ul",
          "caption",
          "svg",
          "g",
          "rect",
          "line",
          "path",
          "text",
          "title",
          "desc",
          "defs",
          "pattern");
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "aria-hidden",
          "aria-label",
          "aria-labelledby",
          "class",
          "d",
          "datetime",
          "dir",
          "fill",
          "height",
          "href",
          "id",
          "open",
          "overflow",
          "patternUnits",
          "role",
          "scope",
          "tabindex",
          "text-anchor",
          "width",
          "x",
          "x1",
          "x2",
          "y",
          "y1",
          "y2");

  private final String tag;
  private final String text;
  private final Map<String, String> attributes = new LinkedHashMap<>();
  private final List<Html> children = new ArrayList<>();

  private Html(String tag, String text) {
    this.tag = tag;
    this.text = text;
  }

  /** An element with these children. */
  static Html of(String tag, Html... children) {
    return empty(tag).add(children);
  }

  /** An element with a text. */
  static Html of(String tag, String text) {
    return empty(tag).add(text(text));
  }

  private static Html empty(String tag) {
    if (!ELEMENTS.contains(tag)) {
      throw new IllegalArgumentException("No such element: " + tag);
    }
    return new Html(tag, "");
  }

  /** A text on one line. */
  static Html text(String text) {
    return new Html("", PrintableText.of(text));
  }

  /** A text that keeps its line breaks, for {@code pre}. */
  static Html lines(String text) {
    return new Html("", String.join("\n", text.lines().map(PrintableText::of).toList()));
  }

  /** Adds children. */
  Html add(Html... more) {
    children.addAll(List.of(more));
    return this;
  }

  /** Adds children. */
  Html addAll(List<Html> more) {
    children.addAll(more);
    return this;
  }

  /** Sets an attribute. */
  Html with(String attribute, String value) {
    if (!ATTRIBUTES.contains(attribute)) {
      throw new IllegalArgumentException("No such attribute: " + attribute);
    }
    if (attribute.equals("href") && !value.matches("#[a-z0-9-]+")) {
      throw new IllegalArgumentException("A link to another page");
    }
    attributes.put(attribute, PrintableText.of(value));
    return this;
  }

  /** Sets the class. */
  Html as(String className) {
    return with("class", className);
  }

  /** Writes this and what is within. */
  void write(Appendable out) throws IOException {
    if (tag.isEmpty()) {
      escape(text, out);
      return;
    }
    out.append('<').append(tag);
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      out.append(' ').append(attribute.getKey()).append("=\"");
      escape(attribute.getValue(), out);
      out.append('"');
    }
    out.append('>');
    for (Html child : children) {
      child.write(out);
    }
    out.append("</").append(tag).append('>');
  }

  private static void escape(String text, Appendable out) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      switch (character) {
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '&' -> out.append("&amp;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(character);
      }
    }
  }
}
