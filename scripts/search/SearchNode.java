// An OpenSearch node of the published jars: the server with its HTTP transport and its analyzers, as its own distribution
// starts it, without the security plugin. Settings are `name=value`.
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

public final class SearchNode extends Node {
  private SearchNode(Settings settings) {
    super(new Environment(settings, Path.of(settings.get("path.home"), "config")),
        List.of(Netty4Plugin.class, CommonAnalysisPlugin.class), true);
  }

  public static void main(String[] given) throws Exception {
    Settings.Builder settings = Settings.builder();
    for (String each : given) {
      String[] parts = each.split("=", 2);
      if (parts[1].contains(",")) settings.putList(parts[0], Arrays.asList(parts[1].split(",")));
      else settings.put(parts[0], parts[1]);
    }
    Node node = new SearchNode(settings.build()).start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        node.close();
      } catch (Exception failure) {
        failure.printStackTrace();
      }
    }));
    new CountDownLatch(1).await();
  }
}
