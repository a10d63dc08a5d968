//! The reference of processors, conditions and scripts in `docs/reference`, which is written from the code.
//!
//! The test fails when it is not current; `UPDATE_EXPECT=1 cargo test -p ingest --test reference` rewrites it. What the pages
//! say of other values and of mistakes is what came of running the examples with them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

mod processor;
mod run;
mod scripts;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ingest::processors;

/// The first line of every page.
const GENERATED: &str =
    "<!-- Written from the code: UPDATE_EXPECT=1 cargo test -p ingest --test reference -->\n\n";

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference")
}

/// All pages, by their path.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    pages.insert("processors/README.md".to_owned(), processor::index());
    for info in processors::ALL {
        pages.insert(format!("processors/{}.md", info.name), processor::page(info));
    }
    pages.insert("painless.md".to_owned(), scripts::page());
    pages.into_iter().map(|(path, text)| (path, format!("{GENERATED}{}\n", text.trim_end()))).collect()
}

/// Pages that are there and that nothing is written to any more.
fn left_over(pages: &BTreeMap<String, String>) -> Vec<PathBuf> {
    let there = fs::read_dir(directory().join("processors")).into_iter().flatten();
    there
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            !pages.contains_key(&format!("processors/{name}"))
        })
        .collect()
}

#[test]
fn the_reference_is_current() {
    let pages = pages();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(directory().join("processors")).unwrap();
        for (path, text) in &pages {
            fs::write(directory().join(path), text).unwrap();
        }
        left_over(&pages).iter().for_each(|path| fs::remove_file(path).unwrap());
        return;
    }
    let mut wrong: Vec<String> = left_over(&pages).iter().map(|path| path.display().to_string()).collect();
    for (path, text) in &pages {
        if fs::read_to_string(directory().join(path)).unwrap_or_default() != *text {
            wrong.push(format!("docs/reference/{path}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "not what the code says: {}; `UPDATE_EXPECT=1 cargo test -p ingest --test reference` rewrites the reference",
        wrong.join(", ")
    );
}
