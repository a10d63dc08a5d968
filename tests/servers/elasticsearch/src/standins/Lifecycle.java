package standins;

import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateUpdateTask;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.metadata.ProjectId;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Setting;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.core.CheckedFunction;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.ToXContent;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xpack.core.ilm.*;
import org.elasticsearch.xpack.core.ilm.action.PutLifecycleRequest;

import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Stand-in for the ILM module: policies are parsed and validated by the classes of x-pack-core and kept in the cluster
 * state, and the index.lifecycle.* settings are known. Nothing runs a policy.
 */
public class Lifecycle extends Plugin implements ActionPlugin {
    private ClusterService clusterService;

    @Override
    public Collection<?> createComponents(PluginServices services) {
        clusterService = services.clusterService();
        return List.of();
    }

    @Override
    public List<Setting<?>> getSettings() {
        return List.of(LifecycleSettings.LIFECYCLE_NAME_SETTING, LifecycleSettings.LIFECYCLE_INDEXING_COMPLETE_SETTING,
            LifecycleSettings.LIFECYCLE_SKIP_SETTING, LifecycleSettings.LIFECYCLE_POLL_INTERVAL_SETTING,
            LifecycleSettings.LIFECYCLE_ROLLOVER_ONLY_IF_HAS_DOCUMENTS_SETTING, RolloverAction.LIFECYCLE_ROLLOVER_ALIAS_SETTING);
    }

    @Override
    public List<NamedXContentRegistry.Entry> getNamedXContent() {
        return List.of(
            named(Metadata.ProjectCustom.class, IndexLifecycleMetadata.TYPE, p -> IndexLifecycleMetadata.PARSER.parse(p, null)),
            named(LifecycleType.class, TimeseriesLifecycleType.TYPE, p -> TimeseriesLifecycleType.INSTANCE),
            named(LifecycleAction.class, AllocateAction.NAME, AllocateAction::parse),
            named(LifecycleAction.class, ForceMergeAction.NAME, ForceMergeAction::parse),
            named(LifecycleAction.class, ReadOnlyAction.NAME, ReadOnlyAction::parse),
            named(LifecycleAction.class, RolloverAction.NAME, RolloverAction::parse),
            named(LifecycleAction.class, ShrinkAction.NAME, ShrinkAction::parse),
            named(LifecycleAction.class, DeleteAction.NAME, DeleteAction::parse),
            named(LifecycleAction.class, SetPriorityAction.NAME, SetPriorityAction::parse),
            named(LifecycleAction.class, MigrateAction.NAME, MigrateAction::parse));
    }

    private static <C, T extends C> NamedXContentRegistry.Entry named(Class<C> category, String name,
        CheckedFunction<XContentParser, T, IOException> parse) {
        return new NamedXContentRegistry.Entry(category, new ParseField(name), parse);
    }

    @Override
    public Collection<RestHandler> getRestHandlers(Settings settings, NamedWriteableRegistry writeables, RestController controller,
        ClusterSettings cluster, IndexScopedSettings index, SettingsFilter filter, IndexNameExpressionResolver resolver,
        Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> features) {
        return List.of(
            Rest.handler("put_policy", List.of("PUT /_ilm/policy/{name}"), (r, c) -> {
                String name = r.param("name");
                LifecyclePolicy policy = parse(name, r);
                return channel -> update(policies -> {
                    long version = policies.containsKey(name) ? policies.get(name).getVersion() + 1 : 1;
                    policies.put(name, new LifecyclePolicyMetadata(policy, Map.of(), version, Instant.now().toEpochMilli()));
                }, Rest.answer(channel, x -> Rest.acknowledged()));
            }),
            Rest.handler("get_policies", List.of("GET /_ilm/policy", "GET /_ilm/policy/{name}"), (r, c) -> {
                String names = r.param("name");
                return channel -> {
                    var found = policies(clusterService.state());
                    found.keySet().removeIf(name -> names != null && Regex.simpleMatch(names.split(","), name) == false);
                    if (found.isEmpty() && names != null && Regex.isSimpleMatchPattern(names) == false) {
                        channel.sendResponse(new RestResponse(channel, new ResourceNotFoundException("Lifecycle policy not found: {}", names)));
                    } else {
                        channel.sendResponse(write(found));
                    }
                };
            }),
            Rest.handler("delete_policy", List.of("DELETE /_ilm/policy/{name}"), (r, c) -> {
                String name = r.param("name");
                return channel -> update(policies -> policies.remove(name), Rest.answer(channel, x -> Rest.acknowledged()));
            }));
    }

    private static LifecyclePolicy parse(String name, RestRequest request) throws IOException {
        try (var parser = request.contentParser()) {
            return PutLifecycleRequest.parseRequest(new PutLifecycleRequest.Factory() {
                @Override
                public PutLifecycleRequest create(LifecyclePolicy policy) {
                    return new PutLifecycleRequest(TimeValue.timeValueSeconds(30), TimeValue.timeValueSeconds(30), policy);
                }

                @Override
                public String getPolicyName() {
                    return name;
                }
            }, parser).getPolicy();
        }
    }

    private static RestResponse write(Map<String, LifecyclePolicyMetadata> policies) throws IOException {
        return Rest.object(RestStatus.OK, json -> {
            for (var policy : policies.values()) {
                json.startObject(policy.getName()).field("version", policy.getVersion()).field("modified_date", policy.getModifiedDateString());
                json.field("policy").value((ToXContent) policy.getPolicy(), ToXContent.EMPTY_PARAMS).endObject();
            }
        });
    }

    private static Map<String, LifecyclePolicyMetadata> policies(ClusterState state) {
        IndexLifecycleMetadata metadata = state.projectState(ProjectId.DEFAULT).metadata().custom(IndexLifecycleMetadata.TYPE);
        return new TreeMap<>(metadata == null ? Map.of() : metadata.getPolicyMetadatas());
    }

    private void update(Consumer<Map<String, LifecyclePolicyMetadata>> change, ActionListener<Void> done) {
        clusterService.submitUnbatchedStateUpdateTask("standin-lifecycle-policy", new ClusterStateUpdateTask() {
            @Override
            public ClusterState execute(ClusterState state) {
                var policies = policies(state);
                change.accept(policies);
                return state.copyAndUpdateProject(ProjectId.DEFAULT,
                    project -> project.putCustom(IndexLifecycleMetadata.TYPE, new IndexLifecycleMetadata(policies, OperationMode.RUNNING)));
            }

            @Override
            public void onFailure(Exception e) {
                done.onFailure(e);
            }

            @Override
            public void clusterStateProcessed(ClusterState before, ClusterState after) {
                done.onResponse(null);
            }
        });
    }
}
