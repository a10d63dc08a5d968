//! `trailcar demo --live`.

use std::io::{BufRead, BufReader};
use std::process::Command;

use crate::place::Place;

/// What `doctor` says was accepted from a source.
fn accepted(place: &Place, source: &str) -> u64 {
    let mut said = place.run(&["doctor"]);
    let Some(at) = said.out.find(&format!("source {source},")) else { return 0 };
    said.out.drain(..at);
    said.count("accepted")
}

#[test]
fn a_live_demonstration_collects_new_events_of_every_service() {
    let place = Place::with("data_dir: ./data/demo");
    let mut child = place.command(&["demo", "--live", "--listen", "127.0.0.1:0"]).spawn().unwrap();
    let mut line = String::new();
    // Held open to the end: a demonstration whose output nobody takes ends.
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    assert!(line.contains("polled every 4 s, are at http://127.0.0.1:"), "{line}");
    // More than what was there at first. Before anything is stored there is no balance.
    for source in ["demo-live", "demo-live-promptfoo", "demo-live-cencori"] {
        while accepted(&place, source) <= 41 {
            assert_eq!(child.try_wait().unwrap(), None, "the demonstration has ended");
        }
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
