package dev.wfe.histories;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All operations of a run, in the order in which they began.
 *
 * @param operations each with its end, if it had one
 */
public record History(List<Operation> operations) {
  public History {
    operations = operations.stream().sorted(Comparator.comparingLong(Operation::invoked)).toList();
  }

  /** Those of the operations. */
  public List<Operation> of(String... names) {
    Set<String> wanted = Set.of(names);
    return operations.stream().filter(operation -> wanted.contains(operation.name())).toList();
  }

  /** Those of the operations, by what they are about. */
  public Map<String, List<Operation>> byKey(String... names) {
    return byKey(of(names));
  }

  public static Map<String, List<Operation>> byKey(List<Operation> operations) {
    return operations.stream()
        .collect(Collectors.groupingBy(Operation::key, LinkedHashMap::new, Collectors.toList()));
  }
}
