//! The options that Elastic's pages document, held against what the processors here say of themselves.
//!
//! The pages are elastic.co/docs/reference/enrich-processor/…, as of 9.1 and 9.2; `ip_location` has its databases from the page of 8.18,
//! the last that names IPinfo's. A default of `-` is none.

#![allow(clippy::panic, reason = "tests, with their helper functions")]

use ingest::processors::{ALL, find};

/// Page, processor, and its options with their defaults; those that every processor has are left out.
const PAGES: &[(&str, &str, &str)] = &[
    ("append-processor", "append", "field value copy_from allow_duplicates=true media_type=application/json"),
    ("bytes-processor", "bytes", "field target_field=field ignore_missing=false"),
    (
        "community-id-processor",
        "community_id",
        "source_ip=source.ip source_port=source.port destination_ip=destination.ip destination_port=destination.port \
         iana_number=network.iana_number icmp_type=icmp.type icmp_code=icmp.code transport=network.transport \
         target_field=network.community_id seed=0 ignore_missing=true",
    ),
    ("convert-processor", "convert", "field target_field=field type ignore_missing=false"),
    (
        "csv-processor",
        "csv",
        "field target_fields separator=, quote=\" ignore_missing=false trim=false empty_value",
    ),
    (
        "date-processor",
        "date",
        "field target_field=@timestamp formats timezone=UTC locale=ENGLISH output_format=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    ),
    (
        "date-index-name-processor",
        "date_index_name",
        "field index_name_prefix date_rounding date_formats=yyyy-MM-dd'T'HH:mm:ss.SSSXX timezone=UTC locale=ENGLISH \
         index_name_format=yyyy-MM-dd",
    ),
    ("dissect-processor", "dissect", "field pattern append_separator ignore_missing=false"),
    ("dot-expand-processor", "dot_expander", "field path override=false"),
    ("drop-processor", "drop", ""),
    ("fail-processor", "fail", "message"),
    (
        "fingerprint-processor",
        "fingerprint",
        "fields target_field=fingerprint salt method=SHA-1 ignore_missing=false",
    ),
    ("foreach-processor", "foreach", "field processor ignore_missing=false"),
    (
        "geoip-processor",
        "geoip",
        "field target_field=geoip database_file=GeoLite2-City.mmdb properties ignore_missing=false first_only=true \
         download_database_on_pipeline_creation=true",
    ),
    (
        "grok-processor",
        "grok",
        "field patterns pattern_definitions ecs_compatibility=disabled trace_match=false ignore_missing=false",
    ),
    ("gsub-processor", "gsub", "field pattern replacement target_field=field ignore_missing=false"),
    ("htmlstrip-processor", "html_strip", "field target_field=field ignore_missing=false"),
    (
        "ip-location-processor",
        "ip_location",
        "field target_field=ip_location database_file=GeoLite2-City.mmdb properties ignore_missing=false first_only=true \
         download_database_on_pipeline_creation=true",
    ),
    ("join-processor", "join", "field separator target_field=field"),
    (
        "json-processor",
        "json",
        "field target_field=field add_to_root=false add_to_root_conflict_strategy=replace allow_duplicate_keys=false \
         strict_json_parsing=true",
    ),
    (
        "kv-processor",
        "kv",
        "field field_split value_split target_field include_keys exclude_keys ignore_missing=false prefix trim_key trim_value \
         strip_brackets=false",
    ),
    ("lowercase-processor", "lowercase", "field target_field=field ignore_missing=false"),
    (
        "network-direction-processor",
        "network_direction",
        "source_ip=source.ip destination_ip=destination.ip target_field=network.direction internal_networks \
         internal_networks_field ignore_missing=true",
    ),
    ("pipeline-processor", "pipeline", "name ignore_missing_pipeline=false"),
    ("recover-failure-document-processor", "recover_failure_document", ""),
    (
        "redact-processor",
        "redact",
        "field patterns pattern_definitions prefix=< suffix=> ignore_missing=true skip_if_unlicensed=false trace_redact=false",
    ),
    ("registered-domain-processor", "registered_domain", "field target_field ignore_missing=true"),
    ("remove-processor", "remove", "field ignore_missing=false keep"),
    ("rename-processor", "rename", "field target_field ignore_missing=false override=false"),
    (
        "reroute-processor",
        "reroute",
        "destination dataset={{data_stream.dataset}} namespace={{data_stream.namespace}}",
    ),
    ("script-processor", "script", "lang=painless id source params"),
    (
        "set-processor",
        "set",
        "field value copy_from override=true ignore_empty_value=false media_type=application/json",
    ),
    ("sort-processor", "sort", "field order=asc target_field=field"),
    (
        "split-processor",
        "split",
        "field separator target_field=field ignore_missing=false preserve_trailing=false",
    ),
    ("terminate-processor", "terminate", ""),
    ("trim-processor", "trim", "field target_field=field ignore_missing=false"),
    ("uppercase-processor", "uppercase", "field target_field=field ignore_missing=false"),
    (
        "uri-parts-processor",
        "uri_parts",
        "field target_field=url keep_original=true remove_if_successful=false ignore_missing=false",
    ),
    ("urldecode-processor", "urldecode", "field target_field=field ignore_missing=false"),
    (
        "user-agent-processor",
        "user_agent",
        "field target_field=user_agent regex_file properties extract_device_type=false ignore_missing=false",
    ),
];

/// What is here and on no page: options that servers take all the same.
const UNDOCUMENTED: &[(&str, &str)] = &[("append", "ignore_empty_values"), ("reroute", "type")];

/// Pages of processors that are refused, with what to do instead.
const REFUSED: &[&str] =
    &["attachment", "circle", "enrich", "geo_grid", "inference", "normalize_for_stream", "set_security_user"];

#[test]
fn every_documented_option_is_there_with_its_default() {
    for (page, name, options) in PAGES {
        let info = find(name).unwrap_or_else(|| panic!("{page}: there is no [{name}]"));
        for option in options.split_whitespace() {
            let (option, default) = option.split_once('=').unwrap_or((option, ""));
            let found = info.options.iter().find(|(known, ..)| *known == option);
            let (_, own, _) = found.unwrap_or_else(|| panic!("{page}: [{name}] has no option [{option}]"));
            // A default in words is for what depends on other things.
            let in_words = own.contains(' ') || *own == "{}" || default.is_empty();
            assert!(in_words || *own == default, "{page}: [{option}] is [{default}] and here [{own}]");
        }
        for (option, ..) in info.options {
            let documented = options.split_whitespace().any(|known| known.split('=').next() == Some(*option));
            assert!(documented || UNDOCUMENTED.contains(&(name, option)), "{page} does not have [{option}]");
        }
    }
}

#[test]
fn every_processor_has_a_page() {
    for info in ALL {
        assert!(PAGES.iter().any(|(_, name, _)| *name == info.name), "{}", info.name);
    }
}

#[test]
fn the_other_pages_are_refused_with_a_cure() {
    for name in REFUSED {
        let text = format!("processors: [{{{name}: {{}}}}]");
        let definition = ingest::Definition::parse("p", "p", &text).unwrap_or_else(|error| panic!("{error}"));
        let errors = ingest::compile(&[definition], &ingest::Lookups::default()).err().unwrap_or_default();
        let cure = errors.first().and_then(|error| error.cure.as_deref()).unwrap_or_default();
        assert!(cure.starts_with("instead, "), "{name}: {errors:?}");
    }
}
