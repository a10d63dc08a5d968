package standins;

import org.elasticsearch.ingest.AbstractProcessor;
import org.elasticsearch.ingest.ConfigurationUtils;
import org.elasticsearch.ingest.DropProcessor;
import org.elasticsearch.ingest.IngestDocument;
import org.elasticsearch.ingest.PipelineProcessor;
import org.elasticsearch.ingest.Processor;
import org.elasticsearch.plugins.IngestPlugin;
import org.elasticsearch.plugins.Plugin;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Stand-in for the module ingest-common: set, remove, rename and fail in outline, without templates and conditions.
 * It lets a default or final pipeline do something; a pipeline's results are compared with OpenSearch, not with this.
 */
public class Processors extends Plugin implements IngestPlugin {
    private interface Step {
        void run(IngestDocument document) throws Exception;
    }

    private interface Options {
        Step read(String tag, Map<String, Object> config);
    }

    @Override
    public Map<String, Processor.Factory> getProcessors(Processor.Parameters parameters) {
        Map<String, Processor.Factory> factories = new HashMap<>();
        factories.put("drop", new DropProcessor.Factory());                                  // the server's own
        factories.put("pipeline", new PipelineProcessor.Factory(parameters.ingestService));  // the server's own
        add(factories, "set", Processors::set);
        add(factories, "remove", Processors::remove);
        add(factories, "rename", Processors::rename);
        add(factories, "fail", (tag, config) -> {
            String message = ConfigurationUtils.readStringProperty("fail", tag, config, "message");
            return document -> {
                throw new IllegalStateException(message);
            };
        });
        return factories;
    }

    private static void add(Map<String, Processor.Factory> factories, String type, Options options) {
        factories.put(type, (all, tag, description, config, project) -> {
            Step step = options.read(tag, config);
            return new AbstractProcessor(tag, description) {
                @Override
                public IngestDocument execute(IngestDocument document) throws Exception {
                    step.run(document);
                    return document;
                }

                @Override
                public String getType() {
                    return type;
                }
            };
        });
    }

    private static boolean flag(String type, String tag, Map<String, Object> config, String name, boolean otherwise) {
        Boolean value = ConfigurationUtils.readOptionalBooleanProperty(type, tag, config, name);
        return value == null ? otherwise : value;
    }

    private static Step set(String tag, Map<String, Object> config) {
        String field = ConfigurationUtils.readStringProperty("set", tag, config, "field");
        String from = ConfigurationUtils.readOptionalStringProperty("set", tag, config, "copy_from");
        Object value = from == null ? ConfigurationUtils.readObject("set", tag, config, "value") : null;
        boolean override = flag("set", tag, config, "override", true);
        boolean timestamp = value instanceof String text && text.matches("\\{\\{\\{?\\s*_ingest\\.timestamp\\s*}}}?");
        return document -> {
            if (override == false && document.hasField(field) && document.getFieldValue(field, Object.class) != null) return;
            if (from != null) document.setFieldValue(field, document.getFieldValue(from, Object.class));
            else document.setFieldValue(field, timestamp ? document.getIngestMetadata().get("timestamp").toString() : value);
        };
    }

    private static Step remove(String tag, Map<String, Object> config) {
        List<String> fields = ConfigurationUtils.readOptionalListOrString("remove", tag, config, "field");
        boolean ignoreMissing = flag("remove", tag, config, "ignore_missing", false);
        return document -> {
            for (String field : fields) {
                if (ignoreMissing == false || document.hasField(field)) document.removeField(field);
            }
        };
    }

    private static Step rename(String tag, Map<String, Object> config) {
        String from = ConfigurationUtils.readStringProperty("rename", tag, config, "field");
        String to = ConfigurationUtils.readStringProperty("rename", tag, config, "target_field");
        boolean ignoreMissing = flag("rename", tag, config, "ignore_missing", false);
        return document -> {
            if (ignoreMissing && document.hasField(from) == false) return;
            Object value = document.getFieldValue(from, Object.class);
            document.removeField(from);
            document.setFieldValue(to, value);
        };
    }
}
