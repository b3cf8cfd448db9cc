package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.persistence.DefinitionVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Registering the graph of a version of a definition. */
public abstract class DefinitionContract extends Contract {
  private final String id = Samples.unique("definition");

  @Test
  void theGraphThatIsStoredFirstStays() {
    DefinitionVersion definition = new DefinitionVersion(id, 1);

    assertThat(provider().registerDefinition(definition, Samples.object()))
        .isEqualTo(Samples.object());
    assertThat(anotherHost().registerDefinition(definition, TextNode.valueOf("other")))
        .isEqualTo(Samples.object());
    assertThat(provider().registerDefinition(definition, Samples.object()))
        .isEqualTo(Samples.object());
  }

  @Test
  void eachVersionOfEachDefinitionHasItsOwnGraph() {
    List<DefinitionVersion> versions =
        List.of(
            new DefinitionVersion(id, 0),
            new DefinitionVersion(id, Integer.MAX_VALUE),
            new DefinitionVersion(Samples.unique("definition"), 0));

    for (DefinitionVersion version : versions) {
      JsonNode graph = TextNode.valueOf(version.toString());
      assertThat(provider().registerDefinition(version, graph)).isEqualTo(graph);
    }
  }

  @Test
  void aGraphIsAnyJsonAndNotSharedWithTheCaller() {
    ObjectNode graph = JsonSamples.JSON.objectNode();
    graph.put("steps", 1).putArray("names").add("a").add("\"quoted\" é");
    JsonNode copy = graph.deepCopy();
    DefinitionVersion definition = new DefinitionVersion(id, 1);

    provider().registerDefinition(definition, graph);
    graph.put("steps", 2);

    assertThat(provider().registerDefinition(definition, graph)).isEqualTo(copy);
    assertThat(provider().registerDefinition(new DefinitionVersion(id, 2), NullNode.getInstance()))
        .isEqualTo(NullNode.getInstance());
  }

  @Test
  void theStoredGraphIsRead() {
    DefinitionVersion definition = new DefinitionVersion(id, 1);

    provider().registerDefinition(definition, Samples.object());

    assertThat(anotherHost().getDefinition(definition)).contains(Samples.object());
    assertThat(provider().getDefinition(new DefinitionVersion(id, 2))).isEmpty();
    assertThat(provider().getDefinition(new DefinitionVersion(id + "x", 1))).isEmpty();
  }

  @Test
  void ofConcurrentRegistrationsAllGetTheGraphOfOne() throws Exception {
    for (int round = 0; round < 10; round++) {
      DefinitionVersion definition = new DefinitionVersion(id, round);

      List<JsonNode> graphs =
          Together.run(
              8,
              number ->
                  () ->
                      host(number)
                          .registerDefinition(definition, TextNode.valueOf("graph " + number)));

      assertThat(graphs.stream().distinct()).hasSize(1);
    }
  }
}
