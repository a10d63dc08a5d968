//! What was proven, what was not, and what is wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

/// How many differences the failure itself shows, and how much of each in characters.
const FIRST: usize = 3;
const LENGTH: usize = 2000;

/// The tally of one comparison.
pub(crate) struct Report {
    name: &'static str,
    proven: usize,
    /// Documents by what was left out for them.
    unproven: BTreeMap<String, Vec<String>>,
    wrong: Vec<String>,
    notes: Vec<String>,
}

impl Report {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, proven: 0, unproven: BTreeMap::new(), wrong: Vec::new(), notes: Vec::new() }
    }

    pub(crate) fn proven(&mut self) {
        self.proven += 1;
    }

    pub(crate) fn unproven(&mut self, about: &str, document: &str, why: &str) {
        self.unproven.entry(why.to_owned()).or_default().push(format!("{about}: {document}"));
    }

    pub(crate) fn wrong(&mut self, about: &str, document: &str, differences: &[String]) {
        self.wrong.push(format!("{about}\n   on {document}\n     {}", differences.join("\n     ")));
    }

    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Writes the report to `tests/artefacts` and fails the test when something is wrong.
    pub(crate) fn finish(self) {
        let unproven: usize = self.unproven.values().map(Vec::len).sum();
        let mut text = format!(
            "{}: {} documents the same, {unproven} unproven, {} different\n",
            self.name,
            self.proven,
            self.wrong.len()
        );
        for note in &self.notes {
            writeln!(text, "{note}").unwrap();
        }
        for (why, which) in &self.unproven {
            writeln!(text, "unproven, {why}: {} documents", which.len()).unwrap();
            for one in which {
                writeln!(text, "   {one}").unwrap();
            }
        }
        for wrong in &self.wrong {
            writeln!(text, "different: {wrong}").unwrap();
        }
        let dir = testkit::root().join("tests/artefacts");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(format!("differential-{}.txt", self.name)), &text).unwrap();
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes()).unwrap();
        assert!(self.proven > 0, "nothing was compared");
        let first = self.wrong.iter().take(FIRST).map(|one| one.chars().take(LENGTH).collect::<String>());
        let first = first.collect::<Vec<_>>().join("\n");
        assert!(
            self.wrong.is_empty(),
            "{} differences, all of them above; the first:\n{first}",
            self.wrong.len()
        );
    }
}
