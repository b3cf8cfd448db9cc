package dev.wfe.postgres.modelled;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values as a failure message shows them: one line, without empty fields. */
public final class Described {
  private static final int MAX_CHARS = 60;

  private Described() {}

  public static String of(@Nullable Object value) {
    if (value instanceof String text) {
      return quoted(text);
    }
    if (value instanceof Collection<?> collection) {
      return collection.stream().map(Described::of).collect(Collectors.joining(", ", "[", "]"));
    }
    if (value instanceof Record composite
        && composite.getClass().getName().startsWith("dev.wfe.model")) {
      return fields(composite);
    }
    return String.valueOf(value);
  }

  private static String fields(Record value) {
    return Arrays.stream(value.getClass().getRecordComponents())
        .filter(component -> saysSomething(field(value, component)))
        .map(component -> component.getName() + "=" + of(field(value, component)))
        .collect(Collectors.joining(", ", value.getClass().getSimpleName() + "[", "]"));
  }

  private static @Nullable Object field(Record value, RecordComponent component) {
    try {
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component.toString(), e);
    }
  }

  private static boolean saysSomething(@Nullable Object field) {
    if (field instanceof JsonNode) {
      return true;
    }
    return field != null
        && !field.equals("")
        && !field.equals(false)
        && !(field instanceof Collection<?> collection && collection.isEmpty())
        && !(field instanceof Map<?, ?> map && map.isEmpty());
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .limit(MAX_CHARS)
        .forEach(
            c -> {
              boolean plain = c >= ' ' && c < 127;
              quoted.append(plain ? String.valueOf((char) c) : "\\u%04x".formatted(c));
            });
    quoted.append('"');
    return text.length() <= MAX_CHARS
        ? quoted.toString()
        : "%s… (%s characters)".formatted(quoted, text.length());
  }
}
