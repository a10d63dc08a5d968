//! Files of configuration, right and wrong, and what is said of them.

use collect_cursor::{Begin, Endpoint};

use super::*;

fn parse(text: &str) -> Result<Config, String> {
    let lookup = |name: &str| match name {
        "DATASET" => Some("cursor.audit".to_owned()),
        "CANARY" => Some("c4n4ry-s3cr3t".to_owned()),
        "PORT" => Some("9000".to_owned()),
        _ => None,
    };
    Config::parse(text, &lookup)
        .map_err(|mistakes| ConfigError { file: "t.yml".into(), mistakes }.to_string())
}

/// What is wrong with a file, a line each.
fn mistakes(text: &str) -> String {
    parse(text).map(drop).expect_err(text)
}

fn files(more: &str) -> String {
    format!("sources:\n- type: files\n  dataset: cursor.audit\n  paths: a.jsonl\n{more}")
}

#[test]
fn an_empty_file_is_a_configuration() {
    for text in ["", "# nothing\n", "---\n", "{}"] {
        let config = parse(text).unwrap();
        assert_eq!(config.data_dir, Path::new("./data"));
        assert!(config.sources.is_empty());
        assert!(matches!(config.output, Output::Store));
        assert_eq!(config.listen.to_string(), "127.0.0.1:8686");
    }
}

#[test]
fn every_key_counts() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("own.audit.yml"), "processors: [{script: {id: own}}]").unwrap();
    std::fs::create_dir(directory.path().join("_scripts")).unwrap();
    std::fs::write(directory.path().join("_scripts/own.painless"), "ctx.a = 1").unwrap();
    let agents = tempfile::tempdir().unwrap();
    std::fs::write(agents.path().join("rules.yml"), "user_agent_parsers: []").unwrap();
    let text = format!(
        r#"
data_dir: /var/lib/trailcar
sources:
  - type: files
    id: first
    dataset: ${{DATASET}}
    namespace: prod
    paths: [/var/log/*.gz, "-"]
    follow: true
    scan_interval: 2s
    tags: [forwarded, 5]
    preserve_original_event: true
    max_event_bytes: 1000
    max_inflated_bytes: 2000
    max_ratio: 30
  - {{type: files, dataset: own.audit, paths: b}}
geoip: {{directory: /geo}}
networks: {{office: [10.20.0.0/16], home: 192.0.2.1}}
pipelines: {{directory: {}}}
user_agent: {{directory: {}}}
output: {{elasticsearch: {{hosts: es:9200, namespace: staging, timeout: 5s}}}}
server: {{listen: "localhost:${{PORT}}"}}
logging: {{level: debug, format: ecs_json}}
"#,
        directory.path().display(),
        agents.path().display()
    );
    let config = parse(&text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let [SourceConfig::Files(first), SourceConfig::Files(second)] = &config.sources[..] else { panic!() };
    assert_eq!(first.source.id.as_str(), "first");
    assert_eq!(first.source.dataset.as_str(), "cursor.audit");
    assert_eq!(&*first.source.namespace, "prod");
    assert_eq!(first.source.tags, ["forwarded", "5"]);
    assert!(first.source.preserve_original_event && first.follow);
    assert_eq!(first.scan_interval.as_secs(), 2);
    let limits = (first.split.max_event_bytes, first.inflate.max_inflated_bytes, first.inflate.max_ratio);
    assert_eq!(limits, (1000, 2000, 30));
    assert_eq!(second.source.id.as_str(), "files-own.audit");
    assert_eq!(&*second.source.namespace, "staging");
    assert_eq!(second.paths, ["b"]);
    assert_eq!(config.networks.find("192.0.2.1".parse().unwrap()), Some("home"));
    assert_eq!(config.scripts["own"].source, "ctx.a = 1");
    assert_eq!(config.regex_files["rules.yml"], "user_agent_parsers: []");
    assert_eq!(config.listen.port(), 9000);
    assert_eq!(config.logging.level, Some(Level::Debug));
    assert_eq!(config.logging.format, Format::EcsJson);
    assert!(matches!(&config.geoip, Geoip::Directory(path) if path == Path::new("/geo")));
    let Output::Elasticsearch(output) = &config.output else { panic!() };
    assert_eq!((&output.hosts[..], output.timeout.as_secs()), (&["es:9200".to_owned()][..], 5));
}

#[test]
fn every_key_of_the_admin_api_counts() {
    let text = r#"
sources:
  - type: cursor_api
    id: emea
    url: https://cursor.example/api/
    endpoint: organization
    team_id: 7
    api_key_file: /run/key
    backfill_start: 2026-01-01T02:00:00+02:00
    interval: 1m
    overlap: 20m
    page_size: 100
    event_types: [login, add_user]
    users: [a@example.com]
    search: x
    timeout: 5s
    proxy_url: http://proxy:3128
    proxy_disable: true
    ssl: {certificate_authorities: [/ca.pem], verification_mode: none}
    trace: {file: /t, max_size: 10, max_files: 2}
    tags: one
    preserve_original_event: true
  - {type: cursor_api, api_key: key_x}
"#;
    let config = parse(text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let [SourceConfig::CursorApi(first), SourceConfig::CursorApi(second)] = &config.sources[..] else {
        panic!()
    };
    assert_eq!(first.service.endpoint, Endpoint::Organization { team_id: Some("7".to_owned()) });
    assert_eq!(first.begin, Begin::At("2026-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!((first.interval.as_secs(), first.overlap.as_secs(), first.timeout.as_secs()), (60, 1200, 5));
    assert_eq!(
        (first.page_size, &first.service.filters.event_types[..]),
        (100, &["login".to_owned(), "add_user".to_owned()][..])
    );
    assert!(first.tls.insecure && first.proxy_disable && first.proxy_url.is_some());
    assert_eq!(first.trace.as_ref().unwrap().max_files, 2);
    assert_eq!((first.source.tags.len(), first.source.preserve_original_event), (1, true));
    assert_eq!(second.source.id.as_str(), "cursor_api-cursor.audit");
    assert_eq!(second.source.tags, ["forwarded", "cursor-audit"]);
    assert_eq!(second.begin, Begin::Lookback(std::time::Duration::from_secs(24 * 3600)));
    assert_eq!((second.interval.as_secs(), second.overlap.as_secs(), second.page_size), (300, 600, 500));
    assert_eq!((&*second.url, second.timeout.as_secs()), ("https://api.cursor.com", 30));
    assert!(!format!("{config:?}").contains("key_x"));
}

#[test]
fn mistakes_of_the_admin_api_have_their_cure() {
    for (keys, key, part) in [
        ("", "api_key_file", "is missing: name the file that holds the key, or give api_key; create one at"),
        ("api_key: a, api_key_file: b", "api_key", "keep one of the two"),
        ("api_key: ''", "api_key", "is empty"),
        ("api_key: a, page_size: 501", "page_size", "must be from 1 to 500"),
        ("api_key: a, interval: 0s", "interval", "must be 1s or longer"),
        ("api_key: a, overlap: 200h", "overlap", "must be 168h or shorter"),
        ("api_key: a, backfill_start: yesterday", "backfill_start", "write 2026-01-01T00:00:00Z"),
        ("api_key: a, backfill_start: '2026-01-01'", "backfill_start", "write 2026-01-01T00:00:00Z"),
        (
            "api_key: a, backfill_start: '2999-01-01T00:00:00Z'",
            "backfill_start",
            "is in the future: write a time that is past",
        ),
        (
            "api_key: a, backfill_start: '2026-01-01T00:00:00Z', initial_lookback: 1h",
            "backfill_start",
            "keep one of the two",
        ),
        ("api_key: a, team_id: 7", "team_id", "goes with endpoint: organization"),
        ("api_key: a, users: ['a,b']", "users", "write one element for each"),
        ("api_key: a, url: 'https://u:hush@cursor.example'", "url", "use api_key_file"),
        ("api_key: a, url: 'ftp://cursor.example'", "url", "is no plain http or https address"),
        ("api_key: a, endpoint: teams", "endpoint", "did you mean [team]?"),
        ("api_key: a, trace: {}", "trace", "lacks the key file"),
        ("api_key: a, intervall: 5m", "intervall", "did you mean [interval]?"),
    ] {
        let told = mistakes(&format!("sources: [{{type: cursor_api, {keys}}}]"));
        let place = format!("sources[0].{key}: ");
        assert!(told.lines().count() == 1 && told.contains(&place) && told.contains(part), "{keys}: {told}");
        assert!(!told.contains("hush"), "{told}");
    }
}

#[test]
fn keys_with_dots_are_paths() {
    let text = "output.elasticsearch.hosts: [a]\noutput.elasticsearch:\n  worker: 3\n  ssl.verification_mode: none\n  \
                kibana: {host: k, space.id: s}\nnetworks: {a.b: 192.0.2.1}\noutput: {elasticsearch: {namespace: n}}\n\
                server.listen: 127.0.0.1:1\n";
    let config = parse(text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let Output::Elasticsearch(output) = &config.output else { panic!() };
    assert_eq!((&*output.hosts[0], output.worker, &*output.namespace), ("a", 3, "n"));
    assert_eq!(output.kibana.as_ref().unwrap().space_id.as_deref(), Some("s"));
    assert_eq!(config.networks.find("192.0.2.1".parse().unwrap()), Some("a.b"));
    assert_eq!(config.listen.port(), 1);
    let nested = "output: {elasticsearch: {hosts: a, kibana: {host: k, space: {id: s}}}}";
    let Output::Elasticsearch(output) = parse(nested).unwrap().output else { panic!() };
    assert_eq!(output.kibana.unwrap().space_id.as_deref(), Some("s"));
}

#[test]
fn mistakes_have_place_and_cure() {
    for (text, expected) in [
        ("data-dir: x", "t.yml:1:1: data-dir: is an unknown key: did you mean [data_dir]?"),
        (
            "zebra: 1",
            "t.yml:1:1: zebra: is an unknown key: known are data_dir, sources, geoip, networks, pipelines, user_agent, \
             output, server, users, logging",
        ),
        (
            "hello",
            "t.yml:1:1: is no section: it holds the keys data_dir, sources, geoip, networks, pipelines, user_agent, \
             output, server, users, logging",
        ),
        ("a: [", "t.yml:1:4: this is not YAML: unclosed bracket '['"),
        (
            "data_dir: {x: ${PORT}}",
            "t.yml:1:16: this is not YAML: while parsing a flow mapping, did not find expected ',' or '}'; inside { } \
             and [ ] a variable needs quotes: \"${NAME}\"",
        ),
        ("{}\n---\n{}", "t.yml:2:1: a second document begins here: write everything into the first"),
        (
            "data_dir: &a x\ngeoip: *a",
            "t.yml:1:14: data_dir: begins with & or !, which YAML takes for itself: put the value in quotes\nt.yml:2:8: \
             aliases (*name) are not taken here: write the value out, in quotes where the * is meant",
        ),
        (
            "data_dir: *a",
            "t.yml:1:11: aliases (*name) are not taken here: write the value out, in quotes where the * is meant",
        ),
        (
            "data_dir: a\ndata_dir: b",
            "t.yml:2:1: data_dir: is given twice, first in line 1: keep one of the two",
        ),
        (
            "logging.level: info\nlogging: {level: debug}",
            "t.yml:2:11: logging.level: is given twice, first in line 1: keep one of the two",
        ),
        ("output.store.x: 1", "t.yml:1:1: output.store.x: is an unknown key: there are none"),
        (
            "data_dir: &a",
            "t.yml:1:13: data_dir: begins with & or !, which YAML takes for itself: put the value in quotes",
        ),
        (
            "output: {elasticsearch: {hosts: a, password: !a b}}",
            "t.yml:1:49: output.elasticsearch.password: begins with & or !, which YAML takes for itself: put the value \
             in quotes",
        ),
        ("data_dir:a:", "t.yml:1:1: the key data_dir needs a space behind its colon"),
        ("data_dir: [a]", "t.yml:1:11: data_dir: needs a text, and here is a list"),
        ("data_dir: ''", "t.yml:1:1: data_dir: is empty: name a directory"),
        (
            "data_dir: ${NONE}",
            "t.yml:1:11: data_dir: the environment variable NONE is not set: set it, or give a default, ${NONE:…}",
        ),
        ("sources: {type: files}", "t.yml:1:10: sources: needs a list: begin each of its elements with -"),
        (
            "sources: [{}]",
            "t.yml:1:11: sources[0]: lacks the key type: give it one of files, cursor_api, cursor_s3, \
             promptfoo_api, cencori_api",
        ),
        (
            "sources: [{type: file}]",
            "t.yml:1:18: sources[0].type: [file] is an unknown type: did you mean [files]?",
        ),
        ("sources: [{type: files, dataset: cursor.audit}]", "t.yml:1:11: sources[0]: lacks the key paths"),
        (
            "sources: [{type: files, dataset: cursor.audt, paths: a}]",
            "t.yml:1:25: sources[0].dataset: [cursor.audt] is an unknown dataset, it has no pipeline here or in \
             pipelines.directory: did you mean [cursor.audit]?",
        ),
        (&files("  follow: yes"), "t.yml:5:11: sources[0].follow: needs true or false, and here is [yes]"),
        (
            &files("  follow: 'true'"),
            "t.yml:5:11: sources[0].follow: needs true or false, and here is [true]",
        ),
        (
            &files("  scan_interval: 5"),
            "t.yml:5:18: sources[0].scan_interval: [5] is no length of time: write a number and a unit, 30s or 5m for \
             instance",
        ),
        (
            "output: {elasticsearch: {hosts: a, timeout: 5, backoff: {max: -1s}}}",
            "t.yml:1:45: output.elasticsearch.timeout: [5] is no length of time: write a number and a unit, 30s or 5m for instance
t.yml:1:63: output.elasticsearch.backoff.max: [-1s] is no length of time: write a number and a unit, 30s or 5m for instance",
        ),
        (&files("  scan_interval: 0s"), "t.yml:5:3: sources[0].scan_interval: must be longer than 0s"),
        (
            &files("  namespace: A"),
            "t.yml:5:3: sources[0].namespace: the namespace [A] can not be part of a data stream's name: use 1 to 100 \
             lower-case characters without - \\ / * ? \" < > | , # : or white space",
        ),
        (
            &files("- {type: files, dataset: cursor.audit, paths: b}"),
            "t.yml:5:3: sources[1]: is called [files-cursor.audit] like sources[0]: give each an id of its own, by which \
             its position is kept",
        ),
        (
            "networks: {office: [10.0.0.1/8]}",
            "t.yml:1:12: networks.office: 10.0.0.1/8 has bits set behind its prefix; the network is 10.0.0.0/8",
        ),
        (
            "output: {store: {}, file: {path: a}}",
            "t.yml:1:9: output: can have only one of the keys elasticsearch, store, file: keep one of them",
        ),
        (
            "output: {file: {pth: a}, store: {x: 1}}",
            "t.yml:1:9: output: can have only one of the keys elasticsearch, store, file: keep one of them
t.yml:1:16: output.file: lacks the key path
t.yml:1:17: output.file.pth: is an unknown key: did you mean [path]?
t.yml:1:34: output.store.x: is an unknown key: there are none",
        ),
        (
            "output: {elasticsearch: {worker: many}, file: {path: a}}",
            "t.yml:1:9: output: can have only one of the keys elasticsearch, store, file: keep one of them
t.yml:1:10: output.elasticsearch.hosts: is empty: give at least one address, https://localhost:9200 for instance
t.yml:1:34: output.elasticsearch.worker: needs a whole number, not below 0, and here is [many]",
        ),
        ("output: {}", "t.yml:1:9: output: needs one of the keys elasticsearch, store, file below it"),
        (
            "output: {elasticsearch: }",
            "t.yml:1:10: output.elasticsearch.hosts: is empty: give at least one address, https://localhost:9200 for \
             instance",
        ),
        (
            "output: {elastic: {hosts: a}}",
            "t.yml:1:10: output.elastic: is an unknown key: did you mean [elasticsearch]?",
        ),
        ("output: {file: {}}", "t.yml:1:16: output.file: lacks the key path"),
        (
            "server: {listen: 8686}",
            "t.yml:1:18: server.listen: [8686] is no address with a port: write 127.0.0.1:8686, say",
        ),
        (
            "logging: {level: loud}",
            "t.yml:1:18: logging.level: [loud] is an unknown value: known are error, warn, info, debug, trace",
        ),
    ] {
        assert_eq!(mistakes(text), expected, "{text}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_and_each_once() {
    let text = "data-dir: x
sources:
- {type: files, dataset: cursor.audit, paths: [], folow: true, follow: maybe}
- {type: files, dataset: nope, paths: a}
output:
  elasticsearch:
    hosts: {a: b}
    worker: many
    compression_level: 7
logging: {format: xml}
";
    let told = mistakes(text);
    let keys: Vec<&str> = told.lines().map(|line| line.split(": ").nth(1).unwrap()).collect();
    assert_eq!(
        keys,
        [
            "data-dir",
            "sources[0].paths",
            "sources[0].folow",
            "sources[0].follow",
            "sources[1].dataset",
            "output.elasticsearch.hosts",
            "output.elasticsearch.worker",
            "output.elasticsearch.compression_level",
            "logging.format",
        ],
        "{told}"
    );
}

#[test]
fn mistakes_of_users_have_their_cure() {
    let long = "x".repeat(43);
    for (text, key, part) in [
        ("users: [{name: ada, role: owner}]".to_owned(), "users[0]", "lacks a token: name the file"),
        (
            "users: [{name: ada, role: king, token_file: a}]".to_owned(),
            "users[0].role",
            "[king] is no role: it is owner",
        ),
        (
            "users: [{name: 'a b', role: owner, token_file: a}]".to_owned(),
            "users[0].name",
            "is no name of a user",
        ),
        (
            format!("users: [{{name: a, role: owner, token: {long}, token_file: a}}]"),
            "users[0].token",
            "beside token_file",
        ),
        (
            format!("users: [{{name: a, role: owner, token: {long}, token_sha256: a}}]"),
            "users[0].token_sha256",
            "beside a token",
        ),
        (
            "users: [{name: a, role: owner, token: hush}]".to_owned(),
            "users[0].token",
            "needs 43 to 512 random ones",
        ),
        (
            "users: [{name: a, role: owner, token_sha256: hush}]".to_owned(),
            "users[0].token_sha256",
            "sha256sum",
        ),
        (
            "users: [{name: a, role: owner, token_file: b}, {name: a, role: admin, token_file: c}]"
                .to_owned(),
            "users[1].name",
            "is a like that of users[0]",
        ),
        (
            "server: {trusted_proxies: [10.0.0.0/8, nowhere]}".to_owned(),
            "server.trusted_proxies[1]",
            "write 10.0.0.0/8",
        ),
        (
            "sources: [{type: files, id: trailcar-audit, dataset: cursor.audit, paths: a}]".to_owned(),
            "sources[0].id",
            "collects what users do",
        ),
    ] {
        let told = mistakes(&text);
        let place = format!(" {key}: ");
        assert!(told.lines().count() == 1 && told.contains(&place) && told.contains(part), "{text}: {told}");
        assert!(!told.contains("hush"), "{told}");
    }
    let config = parse(&format!(
        "users: [{{name: ada, role: owner, token: {long}}}]\nserver: {{trusted_proxies: [10.0.0.0/8, '::1']}}\n"
    ));
    let config = config.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!((config.users.len(), config.trusted_proxies.len()), (1, 2));
    assert!(!format!("{config:?}").contains(&long));
}

#[test]
fn what_variables_hold_is_not_shown() {
    for text in [
        "users: [{name: \"a ${CANARY}\", role: owner, token_file: a}]",
        "users: [{name: a, role: \"${CANARY}\", token_file: a}]",
        "users: [{name: a, role: owner, token: \"${CANARY}\"}]",
        "users: [{name: a, role: owner, token_sha256: \"${CANARY}\"}]",
        "server: {trusted_proxies: [\"${CANARY}\"]}",
        "output: {elasticsearch: {hosts: a, timeout: \"${CANARY}\"}}",
        "output: {elasticsearch: {hosts: a, worker: \"${CANARY}\"}}",
        "output: {elasticsearch: {hosts: a, namespace: \"A ${CANARY}\"}}",
        "output: {elasticsearch: {hosts: a, api_key: \"${CANARY}\"}}",
        "output: {elasticsearch: {hosts: \"https://u:${CANARY}@h\"}}",
        "output: {elasticsearch: {hosts: a, ssl: {verification_mode: \"${CANARY}\"}}}",
        "output: \"${CANARY}\"",
        "logging: {level: \"${CANARY}\"}",
        "server: {listen: \"${CANARY}\"}",
        "networks: {a: \"${CANARY}\"}",
        "sources: [{type: \"${CANARY}\"}]",
        "sources: [{type: files, dataset: \"${CANARY}\", paths: a}]",
        "sources: [{type: files, dataset: cursor.audit, paths: \"[${CANARY}\"}]",
        "pipelines: {directory: \"${CANARY}\"}",
        "user_agent: {directory: \"${CANARY}\"}",
    ] {
        let told = mistakes(text);
        assert!(!told.contains("c4n4ry"), "{told}");
    }
    let config = parse("output: {elasticsearch: {hosts: a, api_key: \"a:${CANARY}\"}}").unwrap();
    assert!(!format!("{config:?}").contains("c4n4ry"));
}

/// The keys of a section, as the message on an unknown one lists them.
fn keys(before: &str, section: &str, after: &str) -> Vec<String> {
    let told = mistakes(&format!("{before}qqqq: 1{after}"));
    let list = told.lines().find_map(|line| line.split("qqqq: is an unknown key: known are ").nth(1));
    let list = list.unwrap_or_else(|| panic!("{told}"));
    list.split(", ").map(|key| format!("{section}{key}")).collect()
}

#[test]
fn every_key_is_documented_and_no_other() {
    let mut known = keys("", "", "");
    known.extend(["type".to_owned()]);
    for (before, section, after) in [
        ("type: files, ", "", ""),
        ("type: cursor_api, ", "", ""),
        ("type: cursor_api, ssl: {", "ssl.", "}"),
        ("type: cursor_api, trace: {", "trace.", "}"),
        ("type: promptfoo_api, ", "", ""),
        ("type: cencori_api, ", "", ""),
    ] {
        known.extend(keys(&format!("sources: [{{{before}"), section, &format!("{after}}}]")));
    }
    known.extend(keys("users: [{", "", "}]"));
    for section in [
        "geoip",
        "pipelines",
        "user_agent",
        "server",
        "logging",
        "output",
        "output.elasticsearch",
        "output.elasticsearch.ssl",
        "output.elasticsearch.backoff",
        "output.elasticsearch.kibana",
        "output.file",
    ] {
        known.extend(keys(&format!("{section}."), &format!("{section}."), ""));
    }
    // another spelling of space.id
    known.retain(|key| !key.ends_with("space_id"));
    known.sort();
    // Types of sources share keys.
    known.dedup();
    let text = include_str!("../../../../docs/configuration.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let mut documented: Vec<String> = rows.map(|(key, _)| key.to_owned()).collect();
    documented.sort();
    documented.dedup();
    assert_eq!(documented, known);
}

#[test]
fn the_example_is_a_configuration() {
    let example = include_str!("../../../../trailcar.example.yml");
    parse(example).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    // What stands there as a comment, too, but for the other outputs, of which there is one at a time.
    let whole = example
        .replace("# pipelines:", "pipelines:")
        .replace("#   directory: ./pipelines", "  directory: /nope")
        .replace("# user_agent:", "user_agent:")
        .replace("#   directory: ./regexes", "  directory: /nope");
    let elasticsearch = whole.replace("  store: {}\n", "").replace("\n  # ", "\n  ");
    let elasticsearch = elasticsearch.split("  file:").next().unwrap();
    let told = mistakes(elasticsearch);
    let mut keys: Vec<&str> = told.lines().map(|line| line.split(": ").nth(1).unwrap()).collect();
    keys.dedup();
    let missing_files = [
        "pipelines.directory",
        "user_agent.directory",
        "output.elasticsearch.api_key_file",
        "output.elasticsearch.ssl.certificate_authorities",
    ];
    assert_eq!(keys, missing_files, "{told}");
}

#[test]
fn mistakes_of_promptfoo_and_cencori_have_their_cure() {
    let (promptfoo, cencori) = ("type: promptfoo_api", "type: cencori_api");
    let url = "url: 'https://h.example'";
    for (kind, keys, key, part) in [
        (
            promptfoo,
            url.to_owned(),
            "token_file",
            "is missing: name the file that holds the token, or give token",
        ),
        (promptfoo, "token: a".to_owned(), "url", "is missing: write the address of the service"),
        (promptfoo, format!("{url}, token: a, token_file: b"), "token", "is given beside token_file"),
        (promptfoo, format!("{url}, token: a, page_size: 101"), "page_size", "must be from 1 to 100"),
        (promptfoo, format!("{url}, token: a, action: ''"), "action", "is empty: leave it out for all"),
        (promptfoo, format!("{url}, token: a, api_key: b"), "api_key", "is an unknown key"),
        (promptfoo, "url: 'https://u:hush@h.example', token: a".to_owned(), "url", "use token_file"),
        (cencori, format!("{url}, slug: a"), "header_file", "copy the request's header"),
        (cencori, format!("{url}, slug: a/b, header: 'A: b'"), "slug", "is no name in an address"),
        (
            cencori,
            format!("{url}, slug: a, header: 'A: b', overlap: 200h"),
            "overlap",
            "must be 168h or shorter",
        ),
        (cencori, format!("{url}, slug: a, header: 'A: b', headers: x"), "headers", "did you mean [header]?"),
    ] {
        let told = mistakes(&format!("sources: [{{{kind}, {keys}}}]"));
        let place = format!("sources[0].{key}: ");
        assert!(told.lines().count() == 1 && told.contains(&place) && told.contains(part), "{keys}: {told}");
        assert!(!told.contains("hush"), "{told}");
    }
    let lacking = mistakes(&format!("sources: [{{{cencori}, {url}, header: 'A: b'}}]"));
    assert!(lacking.contains("lacks the key slug"), "{lacking}");
}

#[test]
fn promptfoo_and_cencori_are_sources() {
    let text = "sources:
- {type: promptfoo_api, url: 'https://pf.example', token: '${CANARY}', target: ROLE, initial_lookback: 2000h}
- {type: cencori_api, url: 'https://c.example/x/', slug: acme, header: 'Cookie: ${CANARY}', category: sso}
";
    let config = parse(text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let [SourceConfig::PromptfooApi(promptfoo), SourceConfig::CencoriApi(cencori)] = &config.sources[..]
    else {
        panic!()
    };
    assert_eq!(promptfoo.source.id.as_str(), "promptfoo_api-promptfoo.audit");
    assert_eq!(promptfoo.source.tags, ["forwarded", "promptfoo-audit"]);
    assert_eq!(promptfoo.address().unwrap().as_str(), "https://pf.example/api/v1/audit-logs");
    assert_eq!((promptfoo.page_size, promptfoo.warnings().len()), (100, 0));
    assert_eq!(promptfoo.service.filters.target.as_deref(), Some("ROLE"));
    assert_eq!(cencori.source.dataset.as_str(), "cencori.audit");
    assert_eq!(cencori.address().unwrap().as_str(), "https://c.example/x/api/organizations/acme/audit-logs");
    assert!(!format!("{config:?}").contains("c4n4ry"));
}

#[test]
fn a_bucket_is_a_source() {
    let text = "sources:\n- type: cursor_s3\n  queue_url: https://sqs.eu-west-1.amazonaws.com/1/q\n  ignore_older: 48h\n  \
                file_selectors: [{regex: '[.]gz$'}]\n  secret_access_key: ${CANARY}\n  access_key_id: AKIA\n";
    let config = parse(text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let [SourceConfig::CursorS3(s3)] = &config.sources[..] else { panic!() };
    assert_eq!(
        (s3.source.id.as_str(), s3.source.dataset.as_str()),
        ("cursor_s3-cursor.audit", "cursor.audit")
    );
    assert_eq!(s3.source.tags, ["forwarded", "cursor-audit"]);
    assert_eq!(s3.selection.ignore_older.unwrap().as_secs(), 48 * 3600);
    assert!(!format!("{config:?}").contains("c4n4ry"));
    let both = mistakes("sources:\n- type: cursor_s3\n  queue_url: https://h/1/q\n  bucket_arn: b12\n");
    assert_eq!(
        both,
        "t.yml:3:3: sources[0].queue_url: is given beside bucket_arn: a source has one of the two"
    );
    let neither = mistakes("sources:\n- type: cursor_s3\n");
    assert!(neither.starts_with("t.yml:2:3: sources[0]: names neither a bucket nor a queue"), "{neither}");
}
