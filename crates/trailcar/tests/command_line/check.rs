//! `trailcar check`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::place::{Place, geoip};

#[test]
fn all_mistakes_are_told_at_once() {
    let place = Place::with(
        "datadir: x
sources:
- type: files
  dataset: cursor.audit
  paths: [a.jsonl]
  folow: true
output:
  elasticsearch: {worker: many}
",
    );
    for command in [&["check"][..], &["run"], &["import", "a"], &["setup"], &["doctor"]] {
        let said = place.run(command);
        assert_eq!((said.status, &*said.out), (1, ""), "{command:?}");
        assert_eq!(
            said.err,
            "trailcar.yml:1:1: datadir: is an unknown key: did you mean [data_dir]?
trailcar.yml:6:3: sources[0].folow: is an unknown key: did you mean [follow]?
trailcar.yml:8:3: output.elasticsearch.hosts: is empty: give at least one address, https://localhost:9200 for instance
trailcar.yml:8:27: output.elasticsearch.worker: needs a whole number, not below 0, and here is [many]
"
        );
    }
    assert!(!place.path("data").exists());
}

#[test]
fn a_missing_file_is_named_with_its_cure() {
    let place = Place::new();
    let said = place.run(&["check"]);
    assert_eq!(said.status, 1);
    assert!(said.err.starts_with("trailcar.yml: there is no such file: name"), "{}", said.err);
    let said = place.run(&["run", "--config", "other.yml"]);
    assert!(said.err.starts_with("other.yml: there is no such file: name"), "{}", said.err);
    place.write("latin.yml", b"data_dir: caf\xe9");
    assert!(place.run(&["check", "-c", "latin.yml"]).err.contains("is not UTF-8 (byte 13)"));
}

#[test]
fn a_good_configuration_passes_and_nothing_is_made() {
    let place = Place::with(&format!(
        "sources: [{{type: files, dataset: cursor.audit, paths: '*.jsonl'}}]\ngeoip: {{directory: {}}}",
        geoip()
    ));
    place.write("a.jsonl", "");
    let said = place.run(&["check"]);
    assert_eq!((said.status, &*said.err), (0, ""), "{}", said.out);
    assert!(said.out.lines().all(|line| line.starts_with("ok ")), "{}", said.out);
    assert!(!place.path("data").exists());
}

#[test]
fn the_world_around_is_checked_and_every_failure_has_its_cure() {
    let place = Place::with(
        "data_dir: d
sources:
- {id: one, type: files, dataset: cursor.audit, paths: [none.jsonl, 'x/*.gz']}
- {id: two, type: files, dataset: cursor.audit, paths: 'x/*.gz', follow: true}
- {id: three, type: cursor_s3, bucket_arn: b12, endpoint: 'http://127.0.0.1:9', access_key_id: a, secret_access_key: b}
pipelines: {directory: p}
geoip: {directory: g}
output: {elasticsearch: {hosts: 'http://127.0.0.1:9', api_key_file: key}}
",
    );
    place.write("key", "a:b");
    fs::set_permissions(place.path("key"), Permissions::from_mode(0o644)).unwrap();
    place.write("d/file", "");
    fs::set_permissions(place.path("d"), Permissions::from_mode(0o755)).unwrap();
    place.write("g/GeoLite2-City.mmdb", "nonsense");
    place.write("p/own.audit.yml", "processors: [{rename: {}}, {sett: {field: a, value: 1}}]");
    let said = place.run(&["check"]);
    assert_eq!(said.status, 1);
    for (grade, part) in [
        ("ok", "trailcar.yml has no mistakes"),
        ("ok", "data_dir d can be used"),
        ("warning", "d has mode 0755, so others can come at the events in it: chmod 0700 d"),
        ("warning", "key has mode 0644, so others can read the secret in it: chmod 0600 key"),
        ("failure", "rename: [field] required property is missing"),
        ("failure", "No processor type exists with name [sett]"),
        ("failure", "GeoIP database g/GeoLite2-City.mmdb can not be used: fetch it again"),
        ("failure", "source one: none.jsonl can not be read: No such file"),
        ("failure", "source one: x/*.gz no file matches this glob"),
        ("warning", "source two: x/*.gz no file matches this glob"),
        ("failure", "source three: b12 can not be reached: "),
        ("failure", "http://127.0.0.1:9 refuses the connection: is the server up, and is the port right?"),
    ] {
        let found = said.out.lines().any(|line| line.starts_with(grade) && line.contains(part));
        assert!(found, "{grade} {part} is not in\n{}", said.out);
    }
}

#[test]
fn the_data_directory_of_a_running_sidecar_is_no_failure() {
    let place = Place::with("output: {store: {}}");
    place.write("data/trailcar.lock", "4711\n");
    let lock = fs::File::open(place.path("data/trailcar.lock")).unwrap();
    lock.lock().unwrap();
    let said = place.run(&["check"]);
    assert_eq!(said.status, 0, "{}", said.out);
    assert!(said.out.contains("data_dir ./data is in use by process 4711"), "{}", said.out);
    let said = place.run(&["import", "x"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("in use by process 4711"), "{}", said.err);
}

#[test]
fn health_of_nobody_is_a_failure() {
    let place = Place::with("server: {listen: '127.0.0.1:9'}");
    let said = place.run(&["check", "--health"]);
    assert_eq!((said.status, &*said.out), (1, ""));
    assert!(said.err.starts_with("no sidecar answers on 127.0.0.1:9"), "{}", said.err);
}

#[test]
fn what_can_not_be_made_has_one_cause_and_a_cure() {
    let place = Place::with("data_dir: /proc/nope");
    place.write("a.ndjson", "{}\n");
    let cause = "No such file or directory (os error 2)";
    let made = format!(
        "data_dir /proc/nope is not there and can not be made: {cause}: name a directory that this user may make\n"
    );
    for command in [&["import", "-d", "cursor.audit", "a.ndjson"][..], &["run", "--once"], &["check"]] {
        let said = place.run(command);
        assert_eq!(said.status, 1, "{command:?}");
        assert!(format!("{}{}", said.out, said.err).contains(&made), "{command:?}: {said:?}");
    }
    let said = place.run(&["doctor"]);
    assert_eq!(said.status, 1);
    assert!(said.err.starts_with("/proc/nope/") && said.err.matches(cause).count() == 1, "{}", said.err);
    assert!(said.err.contains("start `trailcar run` once, or let data_dir name"), "{}", said.err);

    let said = place.run(&["demo", "--once", "--data-dir", "/proc/nope"]);
    assert_eq!((said.status, said.err.matches(cause).count()), (1, 1), "{}", said.err);
    assert!(said.err.contains("name a directory that this user may make, with --data-dir"), "{}", said.err);

    let place = Place::with("output: {file: {path: ./nodir/x.ndjson}}");
    place.write("file", "");
    for command in [&["import", "-d", "cursor.audit", "a.ndjson"][..], &["check"]] {
        let said = place.run(command);
        assert_eq!(said.status, 1, "{command:?}");
        let told = "output.file ./nodir/x.ndjson: there is no directory ./nodir: make it\n";
        assert!(format!("{}{}", said.out, said.err).contains(told), "{command:?}: {said:?}");
    }
}
