//! Any order of writing, rotating, copying, compressing, looking and restarting gives every event once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by it")]

mod support;

use std::fs;

use collect_files::reader::Reader;
use proptest::prelude::*;
use support::{Folder, drain, gzip, lines};

/// What happens to the log between two looks.
#[derive(Clone, Copy, Debug)]
enum Act {
    Append(usize),
    AppendHalf,
    Rename,
    CopyTruncate,
    Compress,
    Look,
    Restart,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (1usize..60).prop_map(Act::Append),
        1 => Just(Act::AppendHalf),
        2 => Just(Act::Rename),
        2 => Just(Act::CopyTruncate),
        1 => Just(Act::Compress),
        4 => Just(Act::Look),
        1 => Just(Act::Restart),
    ];
    prop::collection::vec(act, 1..40)
}

/// The program that writes `app.log`, and what rotates it.
struct Writer {
    folder: Folder,
    written: usize,
    half: Option<String>,
    rotated: usize,
    /// Rotated and not compressed.
    plain: Vec<String>,
}

impl Writer {
    fn act(&mut self, act: Act) {
        match act {
            Act::Append(count) => {
                self.complete();
                self.folder.append("app.log", lines(self.written..self.written + count));
                self.written += count;
            }
            Act::AppendHalf => {
                self.complete();
                let line = lines(self.written..self.written + 1);
                let (half, rest) = line.split_at(9);
                self.folder.append("app.log", half);
                self.half = Some(rest.to_owned());
                self.written += 1;
            }
            // A log is rotated between two lines.
            Act::Rename => {
                let name = self.rotate();
                self.folder.rename("app.log", &name);
            }
            Act::CopyTruncate => {
                let name = self.rotate();
                fs::copy(self.folder.path("app.log"), self.folder.path(&name)).unwrap();
                self.folder.truncate("app.log", "");
            }
            Act::Compress if self.plain.is_empty() => {}
            Act::Compress => {
                let name = self.plain.remove(0);
                let bytes = fs::read(self.folder.path(&name)).unwrap();
                self.folder.write(&format!("{name}.gz"), gzip(bytes));
                fs::remove_file(self.folder.path(&name)).unwrap();
            }
            Act::Look | Act::Restart => {}
        }
    }

    fn complete(&mut self) {
        if let Some(rest) = self.half.take() {
            self.folder.append("app.log", rest);
        }
    }

    fn rotate(&mut self) -> String {
        self.complete();
        self.folder.append("app.log", "");
        self.rotated += 1;
        self.plain.push(format!("app.log.{}", self.rotated));
        self.plain[self.plain.len() - 1].clone()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_event_comes_once(acts in acts()) {
        let mut writer =
            Writer { folder: Folder::new(), written: 0, half: None, rotated: 0, plain: Vec::new() };
        let config = writer.folder.config(&["app.log*"], true);
        let mut reader = Reader::new(config.clone(), None).unwrap();
        let (mut numbers, mut checkpoint) = (Vec::new(), None);
        let mut end = vec![Act::Append(1)];
        end.extend([Act::Look; 5]);
        for act in acts.into_iter().chain(end) {
            writer.act(act);
            if matches!(act, Act::Look) {
                let given = drain(&mut reader);
                checkpoint = given.checkpoint().or(checkpoint);
                numbers.extend(given.numbers());
            } else if matches!(act, Act::Restart) {
                reader = Reader::new(config.clone(), checkpoint.clone()).unwrap();
            }
        }
        numbers.sort_unstable();
        prop_assert_eq!(numbers, (0..writer.written).collect::<Vec<_>>());
    }
}
