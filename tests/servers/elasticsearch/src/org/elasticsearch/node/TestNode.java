package org.elasticsearch.node;

import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.plugins.ClasspathPlugins;
import org.elasticsearch.plugins.PluginsLoader;
import org.elasticsearch.plugins.PluginsService;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * One real node on loopback: TestNode PORT DIR [-Ekey=value]…, its plugins' classes in the property node.plugins.
 * The property node.until tells when it ends: by a signal, at the end of its input (eof), or once it has started.
 */
public final class TestNode {
    private static final String NAME = "node-1";

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[1]).toAbsolutePath();
        Path config = Files.createDirectories(home.resolve("config"));
        Files.createDirectories(home.resolve("tmp"));
        if (Files.notExists(config.resolve("elasticsearch.yml"))) Files.createFile(config.resolve("elasticsearch.yml"));
        System.setProperty("es.path.home", home.toString());
        LogConfigurator.configureESLogging();
        LogConfigurator.setNodeName(NAME);

        List<String> plugins = List.of(System.getProperty("node.plugins").split(","));
        Environment environment = InternalSettingsPreparer.prepareEnvironment(settings(home, args), Map.of(), config, () -> NAME);
        PluginsLoader noFolders = PluginsLoader.createPluginsLoader(Set.of(), Set.of(), Map.of(), false);
        Node node = new Node(NodeConstruction.prepareConstruction(environment, noFolders, new NodeServiceProvider() {
            @Override
            PluginsService newPluginService(Environment env, PluginsLoader loader) {
                return new ClasspathPlugins(env, plugins);
            }
        }, true)) {};
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
        var http = node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress();
        String scheme = environment.settings().getAsBoolean("xpack.security.http.ssl.enabled", false) ? "https" : "http";
        System.out.println("READY " + scheme + "://" + http);
        switch (System.getProperty("node.until", "signal")) {
            case "start" -> System.exit(0);
            case "eof" -> {
                System.in.transferTo(OutputStream.nullOutputStream());
                System.exit(0);
            }
            default -> stopped.await();
        }
    }

    private static Settings settings(Path home, String[] args) {
        Settings.Builder settings = Settings.builder()
            .put("path.home", home.toString())
            .put("path.data", home.resolve("data").toString())
            .put("path.logs", home.resolve("logs").toString())
            .put("cluster.name", "trailcar-test")
            .put("node.name", NAME)
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", args[0])
            .put("transport.port", "0")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .put("action.destructive_requires_name", false);
        for (int i = 2; i < args.length; i++) {
            String[] pair = args[i].replaceFirst("^-E", "").split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        return settings.build();
    }
}
