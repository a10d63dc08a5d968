//! `trailcar init`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::place::Place;

#[test]
fn answers_become_a_checked_configuration() {
    let place = Place::new();
    place.write("key", "id:key");
    let said = place.feed(&["init"], "./d\n/logs/${x}\"*.jsonl\nno\nhttps://es:9200\nkey\n-\n");
    assert_eq!(said.status, 0, "{}", said.err);
    assert!(said.out.ends_with("Wrote trailcar.yml. Next: trailcar check\n"), "{}", said.out);
    assert_eq!(
        place.read("trailcar.yml"),
        "# All keys: docs/configuration.md
data_dir: \"./d\"

sources:
  - type: files
    dataset: cursor.audit
    paths: [\"/logs/$${x}\\\"*.jsonl\"]
    follow: false
    tags: [forwarded, cursor-audit]

output:
  elasticsearch:
    hosts: [\"https://es:9200\"]
    api_key_file: \"key\"
"
    );
    assert_eq!(fs::metadata(place.path("trailcar.yml")).unwrap().permissions().mode() & 0o777, 0o600);
    let said = place.run(&["check"]);
    assert!(said.out.starts_with("ok       trailcar.yml has no mistakes"), "{}{}", said.out, said.err);
}

#[test]
fn the_defaults_and_the_store_will_do() {
    let place = Place::new();
    let said = place.feed(&["init", "-c", "x.yml"], "\n-\n-\n");
    assert_eq!(said.status, 0, "{}", said.err);
    assert!(place.read("x.yml").ends_with("data_dir: \"./data\"\n\nsources: []\n\noutput:\n  store: {}\n"));
}

#[test]
fn nothing_is_written_that_does_not_work() {
    let place = Place::new();
    let said = place.feed(&["init"], "\n\n\nftp://es\n\n\n");
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
    let said = place.feed(&["init"], "\n-\n-\n");
    assert_eq!(said.status, 1);
    assert!(said.err.contains("trailcar.yml is there already"), "{}", said.err);
    assert_eq!(place.read("trailcar.yml"), "mine");
}
