//! `trailcar init`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::place::Place;

/// The first line of a check: what the file itself has.
fn has_no_mistakes(place: &Place) {
    let said = place.run(&["check"]);
    assert!(said.out.starts_with("ok       trailcar.yml has no mistakes"), "{}{}", said.out, said.err);
}

#[test]
fn answers_become_a_checked_configuration() {
    let place = Place::new();
    place.write("key", "id:key");
    let answers = "./d\n/logs/${x}\"*.jsonl\nno\ncursor-key\nhttps://sqs.eu-central-1.amazonaws.com/1/audit\n\
        pf-token\n\n/srv/exports/\ncencori-header\n\nacme\n\nhttps://es:9200\nkey\n-\n";
    let said = place.feed(&["init"], answers);
    assert_eq!(said.status, 0, "{}", said.err);
    assert!(said.out.ends_with("Wrote trailcar.yml. Next: trailcar check\n"), "{}", said.out);
    assert_eq!(
        place.read("trailcar.yml"),
        r#"# All keys: docs/configuration.md. After a change: trailcar check

# Positions, counts, quarantine and the embedded store.
data_dir: "./d"

sources:
  # Copies of the stream's objects, or pages of the Admin API: docs/cursor.md
  - type: files
    dataset: cursor.audit
    paths: ["/logs/$${x}\"*.jsonl"]
    follow: false  # whether to wait for more
    tags: [forwarded, cursor-audit]

  # Cursor's Admin API, one such source for each team: docs/cursor.md
  - type: cursor_api
    api_key_file: "cursor-key"
    initial_lookback: 24h  # where the first run begins; older events: trailcar backfill

  # Cursor's audit log, streamed to a bucket; credentials as the AWS SDK finds them: docs/s3.md
  - type: cursor_s3
    queue_url: "https://sqs.eu-central-1.amazonaws.com/1/audit"

  # promptfoo's API, with the key of an administrator: docs/promptfoo.md
  - type: promptfoo_api
    url: "https://www.promptfoo.app"
    token_file: "pf-token"
    initial_lookback: 24h  # where the first run begins; older events: trailcar backfill

  # Exports of Cencori's audit log, put into a folder that is watched: docs/cencori.md
  - type: files
    dataset: cencori.audit
    paths: ["/srv/exports/*.csv", "/srv/exports/*.json"]
    follow: true
    tags: [forwarded, cencori-audit]

  # The route of Cencori's dashboard, with the header of a session: docs/cencori.md
  - type: cencori_api
    url: "https://cencori.com"
    slug: "acme"
    header_file: "cencori-header"
    initial_lookback: 24h  # where the first run begins; older events: trailcar backfill

# GeoLite2-City.mmdb and GeoLite2-ASN.mmdb, where addresses are to get places: docs/geoip.md
# geoip:
#   directory: ./geoip

# Once before the first run: trailcar setup. See docs/elasticsearch.md
output:
  elasticsearch:
    hosts: ["https://es:9200"]
    api_key_file: "key"
"#
    );
    assert_eq!(fs::metadata(place.path("trailcar.yml")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_defaults_and_the_store_will_do() {
    let place = Place::new();
    let said = place.feed(&["init"], "\n-\n\n\n\n\n\n-\n");
    assert_eq!(said.status, 0, "{}", said.err);
    let text = place.read("trailcar.yml");
    assert!(
        text.contains("data_dir: \"./data\"\n\nsources: []\n") && text.ends_with("output:\n  store: {}\n"),
        "{text}"
    );
    has_no_mistakes(&place);
}

#[test]
fn options_answer_without_questions() {
    for (options, parts) in [
        (
            &["--cursor-api-key-file", "k"][..],
            &["  - type: cursor_api\n    api_key_file: \"k\"\n", "store: {}"][..],
        ),
        (
            &["--promptfoo-token-file", "t", "--cencori-exports", "in", "--cencori-exports", "b/*.csv.gz"],
            &[
                "    url: \"https://www.promptfoo.app\"\n    token_file: \"t\"\n",
                "    paths: [\"in/*.csv\", \"in/*.json\", \"b/*.csv.gz\"]\n    follow: true\n",
            ],
        ),
        (
            &["--cencori-header-file", "h", "--cencori-slug", "acme", "--cencori-url", "https://c.example"],
            &["    url: \"https://c.example\"\n    slug: \"acme\"\n    header_file: \"h\"\n"],
        ),
        (
            &["--bucket", "arn:aws:s3:::cursor-audit", "--data-dir", "d"],
            &["    bucket_arn: \"arn:aws:s3:::cursor-audit\"\n", "data_dir: \"d\""],
        ),
        (
            &[
                "--files",
                "a/*.gz",
                "--files",
                "b",
                "--elasticsearch",
                "https://127.0.0.1:1",
                "--elasticsearch-api-key-file",
                "key",
            ],
            &["paths: [\"a/*.gz\", \"b\"]", "hosts: [\"https://127.0.0.1:1\"]\n    api_key_file: \"key\""],
        ),
    ] {
        let place = Place::new();
        place.write("key", "id:key");
        let said = place.run(&[&["init"], options].concat());
        assert_eq!((said.status, said.out.contains('[')), (0, false), "{}{}", said.out, said.err);
        let text = place.read("trailcar.yml");
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        if !options.contains(&"--bucket") {
            // A check of the bucket would ask AWS.
            has_no_mistakes(&place);
        }
    }
    let place = Place::new();
    for (options, part) in [
        (&["--bucket", "b", "--queue-url", "https://x/1/y"][..], "cannot be used with"),
        (&["--elasticsearch-ca", "x"], "--elasticsearch <URL>"),
        (&["--promptfoo-url", "https://x"], "--promptfoo-token-file <FILE>"),
        (&["--cencori-header-file", "x"], "--cencori-slug <NAME>"),
    ] {
        let said = place.run(&[&["init"], options].concat());
        assert_eq!(said.status, 2);
        assert!(said.err.contains(part), "{}", said.err);
    }
    let said = place.run(&["init", "--cencori-header-file", "h", "--cencori-slug", "a b"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("sources[0].slug: [a b] is no name in an address"), "{}", said.err);
    let said = place.run(&["init", "--queue-url", "nowhere"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("sources[0].queue_url: is no address"), "{}", said.err);
}

#[test]
fn nothing_is_written_that_does_not_work() {
    let place = Place::new();
    let said = place.feed(&["init"], "\n\n\n\n\n\n\n\nftp://es\n\n\n");
    assert_eq!(said.status, 1);
    assert!(
        said.err.contains("output.elasticsearch.hosts: [ftp://es] is not an http or https address"),
        "{}",
        said.err
    );
    let said = place.feed(&["init"], "\n");
    assert_eq!(said.status, 1);
    assert!(said.err.contains("nothing was written"), "{}", said.err);
    assert!(!place.path("trailcar.yml").exists());
    place.write("trailcar.yml", "mine");
    let said = place.feed(&["init"], "\n-\n\n\n\n\n\n-\n");
    assert_eq!(said.status, 1);
    assert!(said.err.contains("trailcar.yml is there already"), "{}", said.err);
    assert_eq!(place.read("trailcar.yml"), "mine");
}
