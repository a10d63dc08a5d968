package org.elasticsearch.plugins;

import org.elasticsearch.Build;
import org.elasticsearch.action.admin.cluster.node.info.PluginsAndModules;
import org.elasticsearch.env.Environment;

import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The node's plugins, from the class path instead of the modules/ and plugins/ folders of a distribution. */
public class ClasspathPlugins extends PluginsService {
    private final List<LoadedPlugin> loaded = new ArrayList<>();

    public ClasspathPlugins(Environment env, List<String> classNames) {
        super(env.settings(), env.configDir(), PluginsLoader.createPluginsLoader(Set.of(), Set.of(), Map.of(), false));
        String version = Build.current().version();
        String java = Integer.toString(Runtime.version().feature());
        for (String name : classNames) {
            try {
                Class<? extends Plugin> type = Class.forName(name).asSubclass(Plugin.class);
                var descriptor = new PluginDescriptor(type.getSimpleName(), "on the class path", version, version, java, name, null,
                    List.of(), false, false, true, false);
                loaded.add(new LoadedPlugin(descriptor, loadPlugin(type, env.settings(), env.configDir()), type.getClassLoader()));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("plugin " + name, e);
            }
        }
        loadExtensions(loaded);
    }

    @Override
    protected List<LoadedPlugin> plugins() {
        return loaded == null ? List.of() : loaded;      // the superclass's constructor asks before there is one
    }

    @Override
    public PluginsAndModules info() {
        return new PluginsAndModules(List.of(), loaded.stream().map(LoadedPlugin::descriptor).toList());
    }

    /** One class loader sees the services of every jar: each is made once, and only where its plugin is loaded. */
    @Override
    public <T> List<? extends T> loadServiceProviders(Class<T> service) {
        Set<URL> jars = new HashSet<>();
        jars.add(jar(Plugin.class));
        for (LoadedPlugin plugin : loaded) {
            for (Class<?> c = plugin.instance().getClass(); c != null && c != Plugin.class; c = c.getSuperclass()) jars.add(jar(c));
        }
        List<T> made = new ArrayList<>();
        for (Class<?> type : providers(service)) {
            if (jars.contains(jar(type))) made.add(make(type.asSubclass(service)));
        }
        return List.copyOf(made);
    }

    /** java.util.ServiceLoader refuses providers without an empty constructor, so the service files are read here. */
    private static Set<Class<?>> providers(Class<?> service) {
        ClassLoader loader = ClasspathPlugins.class.getClassLoader();
        Set<Class<?>> types = new LinkedHashSet<>();
        try {
            for (URL file : Collections.list(loader.getResources("META-INF/services/" + service.getName()))) {
                try (var in = file.openStream()) {
                    for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                        String name = line.replaceFirst("#.*", "").strip();
                        if (name.isEmpty() == false) types.add(Class.forName(name, false, loader));
                    }
                }
            }
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException("service " + service.getName(), e);
        }
        return types;
    }

    /** As the server does it: a constructor that takes the plugin wins over the one that takes nothing. */
    private <T> T make(Class<? extends T> type) {
        try {
            for (var constructor : type.getConstructors()) {
                if (constructor.getParameterCount() != 1) continue;
                for (LoadedPlugin plugin : loaded) {
                    if (constructor.getParameterTypes()[0].isInstance(plugin.instance())) {
                        return type.cast(constructor.newInstance(plugin.instance()));
                    }
                }
            }
            return type.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("service " + type.getName(), e);
        }
    }

    private static URL jar(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }
}
