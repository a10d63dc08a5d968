package standins;

import org.elasticsearch.Build;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.admin.indices.create.AutoCreateAction;
import org.elasticsearch.action.admin.indices.create.CreateIndexRequest;
import org.elasticsearch.action.datastreams.GetDataStreamAction.Response;
import org.elasticsearch.action.datastreams.GetDataStreamAction.Response.DataStreamInfo;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateUpdateTask;
import org.elasticsearch.cluster.health.ClusterStateHealth;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.metadata.MetadataDeleteIndexService;
import org.elasticsearch.cluster.metadata.MetadataIndexTemplateService;
import org.elasticsearch.cluster.metadata.ProjectId;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.features.FeatureSpecification;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.Index;
import org.elasticsearch.index.IndexMode;
import org.elasticsearch.index.IndexVersion;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.ToXContent;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.json.JsonXContent;

import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Stand-in for the modules rest-root (GET /) and data-streams (GET, PUT, DELETE /_data_stream). */
public class Streams extends Plugin implements ActionPlugin {
    private ClusterService clusterService;

    /** What the data-streams module declares; without it the server's own failure store stays off. */
    public static class Features implements FeatureSpecification {
        @Override
        public Set<NodeFeature> getFeatures() {
            return Set.of(DataStream.DATA_STREAM_FAILURE_STORE_FEATURE);
        }
    }

    @Override
    public Collection<?> createComponents(PluginServices services) {
        clusterService = services.clusterService();
        return List.of();
    }

    @Override
    public Collection<RestHandler> getRestHandlers(Settings settings, NamedWriteableRegistry writeables, RestController controller,
        ClusterSettings cluster, IndexScopedSettings index, SettingsFilter filter, IndexNameExpressionResolver resolver,
        Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> features) {
        return List.of(
            Rest.handler("root", List.of("GET /", "HEAD /"), (r, c) -> channel -> channel.sendResponse(root())),
            Rest.handler("get_streams", List.of("GET /_data_stream", "GET /_data_stream/{name}"), (r, c) -> {
                String name = r.param("name");
                return channel -> channel.sendResponse(get(name));
            }),
            Rest.handler("create_stream", List.of("PUT /_data_stream/{name}"), (r, c) -> {
                var create = new CreateIndexRequest(r.param("name"));
                return channel -> c.execute(AutoCreateAction.INSTANCE, create, Rest.answer(channel, x -> Rest.acknowledged()));
            }),
            Rest.handler("delete_streams", List.of("DELETE /_data_stream/{name}"), (r, c) -> {
                String name = r.param("name");
                return channel -> {
                    if (missing(name)) channel.sendResponse(notFound(name));
                    else delete(name, Rest.answer(channel, x -> Rest.acknowledged()));
                };
            }));
    }

    private RestResponse root() throws IOException {
        Build build = Build.current();
        ClusterState state = clusterService.state();
        return Rest.object(RestStatus.OK, json -> json.field("name", clusterService.getNodeName())
            .field("cluster_name", state.getClusterName().value())
            .field("cluster_uuid", state.metadata().clusterUUID())
            .startObject("version")
            .field("number", build.qualifiedVersion())
            .field("build_flavor", "default")
            .field("build_type", "zip")
            .field("build_hash", build.hash())
            .field("build_date", build.date())
            .field("build_snapshot", build.isSnapshot())
            .field("lucene_version", IndexVersion.current().luceneVersion().toString())
            .field("minimum_wire_compatibility_version", build.minWireCompatVersion())
            .field("minimum_index_compatibility_version", build.minIndexCompatVersion())
            .endObject()
            .field("tagline", "You Know, for Search"));
    }

    private static List<DataStream> matching(ClusterState state, String names) {
        return state.projectState(ProjectId.DEFAULT).metadata().dataStreams().values().stream()
            .filter(stream -> names == null || Regex.simpleMatch(names.split(","), stream.getName()))
            .sorted(Comparator.comparing(DataStream::getName))
            .toList();
    }

    private boolean missing(String names) {
        return names != null && Regex.isSimpleMatchPattern(names) == false && matching(clusterService.state(), names).isEmpty();
    }

    private static RestResponse notFound(String name) throws IOException {
        return Rest.object(RestStatus.NOT_FOUND, json -> json.startObject("error").startArray("root_cause").endArray()
            .field("type", "index_not_found_exception").field("reason", "no such index [" + name + "]").field("index", name)
            .endObject().field("status", 404));
    }

    private RestResponse get(String names) throws IOException {
        if (missing(names)) return notFound(names);
        ClusterState state = clusterService.state();
        var project = state.projectState(ProjectId.DEFAULT).metadata();
        List<DataStreamInfo> infos = matching(state, names).stream().map(stream -> {
            String[] indices = stream.getIndices().stream().map(Index::getName).toArray(String[]::new);
            var health = new ClusterStateHealth(state, indices, ProjectId.DEFAULT).getStatus();
            String template = MetadataIndexTemplateService.findV2Template(project, stream.getName(), false);
            return new DataStreamInfo(stream, stream.isFailureStoreExplicitlyEnabled(), health, template, null, null, new HashMap<>(),
                true, null, IndexMode.STANDARD.getName());
        }).toList();
        XContentBuilder json = JsonXContent.contentBuilder();
        new Response(infos).toXContent(json, ToXContent.EMPTY_PARAMS);
        return new RestResponse(RestStatus.OK, json);
    }

    private void delete(String names, ActionListener<Void> done) {
        clusterService.submitUnbatchedStateUpdateTask("standin-delete-data-stream", new ClusterStateUpdateTask() {
            @Override
            public ClusterState execute(ClusterState state) {
                List<DataStream> streams = matching(state, names);
                Set<Index> indices = new HashSet<>();
                for (DataStream stream : streams) {
                    indices.addAll(stream.getIndices());
                    indices.addAll(stream.getFailureIndices());
                }
                ClusterState without = state.copyAndUpdateProject(ProjectId.DEFAULT,
                    project -> streams.forEach(stream -> project.removeDataStream(stream.getName())));
                return MetadataDeleteIndexService.deleteIndices(without.projectState(ProjectId.DEFAULT), indices, clusterService.getSettings());
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
