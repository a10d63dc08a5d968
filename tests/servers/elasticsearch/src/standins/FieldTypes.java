package standins;

import org.elasticsearch.index.mapper.KeywordFieldMapper;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.index.mapper.TextFieldMapper;
import org.elasticsearch.plugins.MapperPlugin;
import org.elasticsearch.plugins.Plugin;

import java.util.Map;

/** Stand-in for the modules mapper-extras, wildcard and constant-keyword: the nearest type that the server has itself. */
public class FieldTypes extends Plugin implements MapperPlugin {
    @Override
    public Map<String, Mapper.TypeParser> getMappers() {
        return Map.of(
            "match_only_text", TextFieldMapper.PARSER,
            "wildcard", KeywordFieldMapper.PARSER,
            "constant_keyword", (name, node, context) -> {
                node.remove("value");        // the real type refuses every other value; here that is not checked
                return KeywordFieldMapper.PARSER.parse(name, node, context);
            });
    }
}
