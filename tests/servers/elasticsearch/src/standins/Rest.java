package standins;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.json.JsonXContent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** What the stand-ins' REST handlers share. */
final class Rest {
    interface Body {
        void write(XContentBuilder json) throws IOException;
    }

    interface Prepare {
        Send prepare(RestRequest request, NodeClient client) throws IOException;
    }

    interface Send {
        void send(RestChannel channel) throws Exception;
    }

    interface Answer<T> {
        RestResponse of(T result) throws IOException;
    }

    /** A handler of routes such as "GET /_data_stream/{name}"; parameters are read in `prepare`. */
    static RestHandler handler(String name, List<String> routes, Prepare prepare) {
        return new BaseRestHandler() {
            @Override
            public String getName() {
                return "standin_" + name;
            }

            @Override
            public List<Route> routes() {
                return routes.stream().map(r -> r.split(" ")).map(r -> new Route(RestRequest.Method.valueOf(r[0]), r[1])).toList();
            }

            @Override
            protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) throws IOException {
                request.param("expand_wildcards");       // known, and without meaning here
                return prepare.prepare(request, client)::send;
            }
        };
    }

    static RestResponse object(RestStatus status, Body body) throws IOException {
        XContentBuilder json = JsonXContent.contentBuilder().startObject();
        body.write(json);
        return new RestResponse(status, json.endObject());
    }

    static RestResponse acknowledged() throws IOException {
        return object(RestStatus.OK, json -> json.field("acknowledged", true));
    }

    static <T> ActionListener<T> answer(RestChannel channel, Answer<? super T> answer) {
        return ActionListener.wrap(result -> channel.sendResponse(answer.of(result)), failure -> {
            try {
                channel.sendResponse(new RestResponse(channel, failure));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
