//! Users as two processes see them: one that serves, one that changes.

use std::path::Path;

use event::{Secret, SecretPlace};
use jiff::Timestamp;
use store::Role;

use crate::{Configured, Hash, Name, Place, Proof, Registry, State, Tell, Token, Users};

const TOLD: Tell<'static> = &|| Ok(());

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn now() -> Timestamp {
    "2026-05-04T11:14:58.922Z".parse().unwrap()
}

fn configured(own: &str, role: Role, proof: Proof) -> Configured {
    Configured { name: name(own), role, proof }
}

/// A serving side and a changing one, with connections of their own.
fn both(directory: &Path) -> (Users, Registry) {
    let serving = Users::new(Vec::new(), Some(Registry::open(directory).unwrap()));
    (serving, Registry::open(directory).unwrap())
}

#[test]
fn a_change_counts_at_once_in_the_process_that_serves() {
    let directory = tempfile::tempdir().unwrap();
    let (users, other) = both(directory.path());
    assert!(!users.exist().unwrap());
    let first = other.add(&name("ada"), Role::Owner, now(), TOLD).unwrap();
    assert!(users.exist().unwrap());
    let ada = users.by_token(first.expose()).unwrap().unwrap();
    assert_eq!((ada.name.as_str(), ada.role, ada.place), ("ada", Role::Owner, Place::DataDir));
    assert!(users.still(&ada.name, &first.hash()).unwrap().is_some());

    let second = other.rotate(&name("ada"), TOLD).unwrap();
    assert!(users.by_token(first.expose()).unwrap().is_none());
    assert!(users.still(&ada.name, &first.hash()).unwrap().is_none());
    assert!(users.by_token(second.expose()).unwrap().is_some());

    other.add(&name("grace"), Role::Owner, now(), TOLD).unwrap();
    other.disable(&name("ada"), false, TOLD).unwrap();
    assert!(users.by_token(second.expose()).unwrap().is_none());
    let third = other.enable(&name("ada"), TOLD).unwrap();
    assert!(users.by_token(second.expose()).unwrap().is_none());
    assert!(users.by_token(third.expose()).unwrap().is_some());
}

#[test]
fn what_can_not_be_changed_says_why_and_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::open(directory.path()).unwrap();
    let (ada, bob, eve) = (name("ada"), name("bob"), name("eve"));
    registry.add(&ada, Role::Owner, now(), TOLD).unwrap();
    registry.add(&bob, Role::Member, now(), TOLD).unwrap();
    let error = registry.add(&ada, Role::Member, now(), TOLD).unwrap_err().to_string();
    assert!(error.contains("is a user ada already"), "{error}");
    for error in [
        registry.rotate(&eve, TOLD).err(),
        registry.enable(&eve, TOLD).err(),
        registry.disable(&eve, false, TOLD).err(),
    ] {
        assert!(error.unwrap().to_string().contains("there is no user eve"));
    }
    let error = registry.disable(&ada, false, TOLD).unwrap_err().to_string();
    assert!(error.contains("last active owner") && error.contains("--role owner"), "{error}");
    assert!(registry.enable(&bob, TOLD).unwrap_err().to_string().contains("user rotate bob"));
    registry.disable(&bob, false, TOLD).unwrap();
    assert!(registry.disable(&bob, false, TOLD).unwrap_err().to_string().contains("disabled already"));
    assert!(registry.rotate(&bob, TOLD).unwrap_err().to_string().contains("user enable bob"));
    assert_eq!(registry.list().unwrap()[1].state, State::Disabled);
    // With an owner in the configuration nobody is locked out.
    registry.disable(&ada, true, TOLD).unwrap();
}

#[test]
fn a_change_that_can_not_be_written_down_is_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::open(directory.path()).unwrap();
    let token = registry.add(&name("ada"), Role::Owner, now(), TOLD).unwrap();
    let before = registry.list().unwrap();
    let untold: Tell<'_> = &|| Err("the disk is full".to_owned());
    for error in [
        registry.add(&name("bob"), Role::Owner, now(), untold).err(),
        registry.rotate(&name("ada"), untold).err(),
        registry.disable(&name("ada"), true, untold).err(),
    ] {
        assert_eq!(error.unwrap().to_string(), "the disk is full; nothing was changed");
    }
    assert_eq!(registry.list().unwrap(), before);
    assert_eq!(before[0].hash, token.hash());
}

#[test]
fn tokens_are_nowhere_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::open(directory.path()).unwrap();
    let token = registry.add(&name("ada"), Role::Owner, now(), TOLD).unwrap();
    registry.used(&name("ada"), now()).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let secret = &token.expose().as_bytes()[3..];
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        files += 1;
    }
    assert!(files >= 2, "the database and its log");
    assert_eq!(registry.last_used().unwrap(), [("ada".to_owned(), now())]);
}

#[test]
fn users_of_the_configuration_win_and_their_files_are_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::open(directory.path()).unwrap();
    let shadowed = registry.add(&name("ada"), Role::Member, now(), TOLD).unwrap();
    let file = directory.path().join("token");
    let (one, two, fixed) = ("1".repeat(43), "2".repeat(43), Token::random().unwrap());
    std::fs::write(&file, format!("{one}\n")).unwrap();
    let users = Users::new(
        vec![
            configured("ada", Role::Owner, Proof::Token(SecretPlace::File(file.clone()))),
            configured("bob", Role::Admin, Proof::Hash(fixed.hash())),
            configured("eve", Role::Member, Proof::Token(SecretPlace::Value(Secret::new("short")))),
        ],
        Some(registry),
    );
    assert!(users.by_token(shadowed.expose()).unwrap().is_none());
    assert_eq!(users.by_token(&one).unwrap().unwrap().role, Role::Owner);
    assert_eq!(users.by_token(fixed.expose()).unwrap().unwrap().role, Role::Admin);
    // A weak token lets nobody in.
    assert!(users.by_token("short").unwrap().is_none());
    std::fs::write(&file, &two).unwrap();
    assert!(users.by_token(&one).unwrap().is_none());
    assert!(users.by_token(&two).unwrap().is_some());
    std::fs::remove_file(&file).unwrap();
    assert!(users.by_token(&two).unwrap().is_none());
    assert!(users.exist().unwrap());
    assert_eq!(users.owners().unwrap(), [name("ada")]);
    assert_eq!(users.list().unwrap().len(), 3);
}

#[test]
fn there_is_no_way_back_to_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let (users, other) = both(directory.path());
    other.add(&name("ada"), Role::Owner, now(), TOLD).unwrap();
    assert!(users.exist().unwrap());
    std::fs::remove_file(directory.path().join("users.db")).unwrap();
    assert!(users.exist().unwrap());
}

#[test]
fn an_empty_text_is_nobodys_token() {
    let users = Users::new(vec![configured("ada", Role::Owner, Proof::Hash(Hash::of("x")))], None);
    for text in ["", " ", "tc_", "ada"] {
        assert!(users.by_token(text).unwrap().is_none(), "{text:?}");
    }
}
