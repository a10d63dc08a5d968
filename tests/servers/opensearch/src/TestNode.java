import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;

import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.ExtensiblePlugin;
import org.opensearch.plugins.PluginInfo;

/** One real node on loopback: TestNode DIR [-Ekey=value]…. The same source serves 2.19 and 3.x.
 *  It ends by a signal or, with the property node.until=eof, at the end of its input. */
public final class TestNode extends Node {
    private static final String[] MODULES = {
        "org.opensearch.transport.Netty4ModulePlugin",
        "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
        "org.opensearch.index.mapper.MapperExtrasModulePlugin",
        "org.opensearch.ingest.common.IngestCommonModulePlugin",
        "org.opensearch.ingest.useragent.IngestUserAgentModulePlugin",
        "org.opensearch.painless.PainlessModulePlugin",
        "org.opensearch.script.mustache.MustacheModulePlugin",
        "org.opensearch.index.reindex.ReindexModulePlugin",
        "org.opensearch.join.ParentJoinModulePlugin",
        "org.opensearch.search.aggregations.matrix.MatrixAggregationModulePlugin",
        "org.opensearch.geo.GeoModulePlugin",
    };

    /** The collection holds classes in 2.x and plugin descriptions in 3.x; a raw one serves both. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private TestNode(Environment environment, Collection modules) {
        super(environment, modules, true);
    }

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]).toAbsolutePath();
        Path config = Files.createDirectories(home.resolve("config"));
        Environment environment = InternalSettingsPreparer.prepareEnvironment(settings(home, args), Map.of(), config, () -> "node-1");
        linkPainless();
        Node node = new TestNode(environment, modules());
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception e) {
                e.printStackTrace();
            }
            stopped.countDown();
        }));
        node.start();
        System.out.println("READY http://" + node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress());
        if (System.getProperty("node.until", "signal").equals("eof")) {
            System.in.transferTo(OutputStream.nullOutputStream());
            System.exit(0);
        }
        stopped.await();
    }

    private static Settings settings(Path home, String[] args) {
        Settings.Builder settings = Settings.builder()
            .put("path.home", home.toString())
            .put("path.data", home.resolve("data").toString())
            .put("path.logs", home.resolve("logs").toString())
            .put("cluster.name", "trailcar-test")
            .put("node.name", "node-1")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("transport.port", "0")
            // With a small heap the breaker that looks at real memory answers 429 for garbage not yet collected.
            .put("indices.breaker.total.use_real_memory", false)
            .put("cluster.routing.allocation.disk.threshold_enabled", false);
        for (int i = 1; i < args.length; i++) {
            String[] pair = args[i].replaceFirst("^-E", "").split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        return settings.build();
    }

    /** 3.x calls them XModulePlugin, 2.x mostly XPlugin. */
    private static Class<?> find(String name) throws ClassNotFoundException {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            return Class.forName(name.replace("ModulePlugin", "Plugin"));
        }
    }

    private static List<Object> modules() throws ClassNotFoundException {
        List<Object> modules = new ArrayList<>();
        for (String name : MODULES) {
            Class<?> type = find(name);
            modules.add(Version.CURRENT.major < 3 ? type : new PluginInfo(type.getName(), "on the class path",
                Version.CURRENT.toString(), Version.CURRENT, "21", type.getName(), null, List.of(), false));
        }
        return modules;
    }

    /** Modules on the class path do not know each other: painless is given its extensions (a static table) by hand. */
    private static void linkPainless() throws ReflectiveOperationException {
        Object painless = find("org.opensearch.painless.PainlessModulePlugin").getConstructor().newInstance();
        ((ExtensiblePlugin) painless).loadExtensions(new ExtensiblePlugin.ExtensionLoader() {
            @Override
            public <T> List<T> loadExtensions(Class<T> type) {
                return ServiceLoader.load(type).stream().map(ServiceLoader.Provider::get).toList();
            }
        });
    }
}
