package dev.wfe.persistence;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Copies lists that may contain null, which is rejected when the value is used. */
final class ListCopies {
  private ListCopies() {}

  static <T> List<T> of(List<T> list) {
    return list == null ? list : Collections.unmodifiableList(new ArrayList<>(list));
  }
}
