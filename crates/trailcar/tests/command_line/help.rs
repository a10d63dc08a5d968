//! Help and wrong usage.

use crate::place::Place;

const COMMANDS: [&[&str]; 23] = [
    &["run"],
    &["check"],
    &["init"],
    &["setup"],
    &["demo"],
    &["import"],
    &["backfill"],
    &["normalize"],
    &["pipeline", "test"],
    &["pipeline", "simulate"],
    &["pipeline", "explain"],
    &["pipeline", "bench"],
    &["export"],
    &["quarantine", "list"],
    &["quarantine", "show"],
    &["quarantine", "retry"],
    &["quarantine", "drop"],
    &["user", "add"],
    &["user", "list"],
    &["user", "disable"],
    &["user", "enable"],
    &["user", "rotate"],
    &["doctor"],
];

#[test]
fn every_command_explains_itself_and_what_it_takes() {
    let place = Place::new();
    for command in COMMANDS {
        let said = place.run(&[command, &["--help"]].concat());
        assert_eq!((said.status, &*said.err), (0, ""), "{command:?}");
        // A package is written before there is a configuration.
        let takes_one = *command != ["pipeline", "test"];
        assert_eq!(said.out.contains("--config <FILE>"), takes_one, "{command:?}: {}", said.out);
        let examples = place.run(&[command[0], "--help"]).out;
        assert!(examples.contains("Examples:\n  trailcar "), "{command:?}: {examples}");
    }
}

#[test]
fn the_list_of_commands_is_whole() {
    let said = Place::new().run(&["--help"]);
    let list = said.out.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let mut listed: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    listed.retain(|name| *name != "help");
    let mut known: Vec<&str> = COMMANDS.iter().map(|command| command[0]).collect();
    known.dedup();
    assert_eq!(listed, known);
    let documented = include_str!("../../../../docs/commands.md");
    for name in known {
        assert!(documented.contains(&format!("| `{name}` |")), "{name}");
        assert!(documented.contains(&format!("## `{name}")), "{name}");
    }
}

#[test]
fn wrong_usage_is_exit_status_2() {
    let place = Place::new();
    for arguments in [
        &[][..],
        &["fly"],
        &["run", "--twice"],
        &["run", "--wait", "3s"],
        &["import", "--wait", "soon", "x"],
        &["normalize"],
        &["import"],
        &["backfill"],
        &["backfill", "--from", "yesterday"],
        &["demo", "--live", "--once"],
        &["quarantine"],
        &["quarantine", "retry"],
        &["quarantine", "drop", "--all", "3"],
        &["demo", "--listen", "nowhere"],
    ] {
        let said = place.run(arguments);
        assert_eq!(said.status, 2, "{arguments:?}: {}", said.err);
        assert!(
            said.err.contains("Usage:") || said.err.contains("try '--help'"),
            "{arguments:?}: {}",
            said.err
        );
    }
}

#[test]
fn the_version_is_the_packages() {
    let said = Place::new().run(&["--version"]);
    assert_eq!((said.status, said.out), (0, format!("trailcar {}\n", env!("CARGO_PKG_VERSION"))));
}
