package dev.wfe.tck;

import java.util.function.Consumer;

/**
 * One way to spoil one field of a value.
 *
 * @param field path of the field, as the refusal names it
 * @param problem what the refusal says of it, the limit included
 * @param what what the field is given, in words
 * @param spoil does it
 */
record BadValue<B>(String field, String problem, String what, Consumer<B> spoil) {
  @Override
  public String toString() {
    return field + ": " + what;
  }
}
