//! The pattern libraries, and what a definition adds to them.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// A library: patterns by name.
pub(super) type Library = BTreeMap<&'static str, &'static str>;

static LEGACY: LazyLock<Library> = LazyLock::new(|| read(include_str!("legacy.patterns")));
static ECS: LazyLock<Library> = LazyLock::new(|| read(include_str!("ecs-v1.patterns")));

/// The patterns that come with grok: those with names of the Elastic Common Schema, or the legacy ones.
pub fn library(ecs: bool) -> &'static BTreeMap<&'static str, &'static str> {
    if ecs { &ECS } else { &LEGACY }
}

fn read(text: &'static str) -> Library {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')).collect()
}

/// A library with definitions of a processor's own, which win.
pub(in super::super) struct Bank<'a> {
    library: &'static Library,
    own: &'a HashMap<String, String>,
}

impl<'a> Bank<'a> {
    /// Adds definitions to a library.
    ///
    /// # Errors
    /// When one names a pattern that there is not, or leads back to itself.
    pub(super) fn new(ecs: bool, own: &'a HashMap<String, String>) -> Result<Self, String> {
        let bank = Self { library: library(ecs), own };
        let mut names: Vec<&str> = own.keys().map(String::as_str).collect();
        names.sort_unstable();
        for name in &names {
            for reference in references(&own[*name]) {
                if bank.get(reference.name).is_none() {
                    let unknown = reference.name;
                    return Err(format!(
                        "pattern [{name}] is referencing a non-existent pattern [{unknown}]"
                    ));
                }
            }
        }
        for name in names {
            bank.walk(name, &mut Vec::new())?;
        }
        Ok(bank)
    }

    /// The pattern of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.own.get(name).map(String::as_str).or_else(|| self.library.get(name).copied())
    }

    fn walk<'p>(&'p self, name: &'p str, path: &mut Vec<&'p str>) -> Result<(), String> {
        if let Some(at) = path.iter().position(|known| *known == name) {
            let circle: Vec<&str> = path[at..].iter().copied().chain([name]).collect();
            return Err(format!("circular reference detected: {}", circle.join("->")));
        }
        path.push(name);
        for reference in self.get(name).into_iter().flat_map(references) {
            self.walk(reference.name, path)?;
        }
        path.pop();
        Ok(())
    }
}

/// `%{NAME}`, `%{NAME:field}` or `%{NAME:field:type}` in a pattern.
pub(super) struct Reference<'a> {
    /// Where it begins.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// The pattern.
    pub(super) name: &'a str,
    /// What is behind the first colon.
    pub(super) field: Option<&'a str>,
}

/// The references of a pattern; what only looks like one is text.
pub(super) fn references(pattern: &str) -> impl Iterator<Item = Reference<'_>> {
    pattern.match_indices("%{").filter_map(|(start, _)| {
        let body = &pattern[start + 2..];
        let in_name = |c: char| c.is_ascii_alphanumeric() || "[\\]^_`".contains(c);
        let in_field = |c: char| c.is_alphanumeric() || "@.-_:[]".contains(c);
        let length = body.find(|c| !in_name(c)).unwrap_or(body.len());
        let (name, mut rest) = body.split_at(length);
        let mut field = None;
        if let Some(behind) = rest.strip_prefix(':') {
            let length = behind.find(|c| !in_field(c)).unwrap_or(behind.len());
            field = Some(&behind[..length]);
            rest = &behind[length..];
        }
        if name.is_empty() || field.is_some_and(str::is_empty) {
            return None;
        }
        // A definition in place is read over, as Elasticsearch does.
        let closed = if rest.starts_with('=') { rest.find('}').map(|at| &rest[at..]) } else { Some(rest) };
        let rest = closed?.strip_prefix('}')?;
        Some(Reference { start, end: pattern.len() - rest.len(), name, field })
    })
}

#[cfg(test)]
mod tests {
    use super::super::expression::Expression;
    use super::*;

    #[test]
    fn every_pattern_of_the_libraries_compiles() {
        for ecs in [false, true] {
            let own = HashMap::new();
            let bank = Bank::new(ecs, &own).unwrap();
            for name in library(ecs).keys() {
                let expression = Expression::compile(&format!("%{{{name}}}"), &bank);
                assert!(expression.is_ok(), "{name}: {:?}", expression.err());
            }
        }
        assert_eq!((library(false).len(), library(true).len()), (318, 361));
    }

    /// Lines as the libraries' patterns are for, and some that are nearly such.
    const LINES: [&str; 14] = [
        r#"192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif?x=1 HTTP/1.0" 200 2326 "http://a.example/" "Mozilla/4.08""#,
        "Mar  7 00:01:02 host-1.example sshd[4721]: Failed password for root from 2001:db8::ff00:42:8329 port 22 ssh2",
        "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [x@1 iut=\"3\"] An event",
        "%ASA-6-302013: Built outbound TCP connection 447 for outside:198.51.100.1/80 (198.51.100.1/80) to inside:10.0.0.2/1985",
        "2026-07-01T12:00:00,123+02:00 [main] ERROR com.example.App - java.lang.IllegalStateException: no \"x\" é",
        "    at com.example.Class$1.method(Class.java:42)",
        "https://ada:secret@shop.example.com:8443/items/list.html?page=2&sort=name#top",
        r"C:\\Windows\System32\drivers\etc\hosts /usr/local/bin/x \\server\share",
        "me@example.com 00:1b:44:11:3a:b7 001b.4411.3ab7 urn:isbn:0451450523 550e8400-e29b-41d4-a716-446655440000",
        "1.2.3.4.5 256.1.1.1 999 +1.5e3 -0x1f .5 12:60:61 24:00 1::2::3 ::1 ::ffff:10.0.0.1%eth0",
        "'it''s' `a\\`b` \"unclosed 'x",
        "1467292.123 0.012 10.0.0.1 TCP_MISS/200 512 GET http://example.org/ - DIRECT/93.184.216.34 text/html",
        "été 中文 😀 naïve_name",
        "",
    ];

    #[test]
    fn both_engines_give_the_same_for_the_libraries() {
        let mut compared = 0;
        for ecs in [false, true] {
            let own = HashMap::new();
            let bank = Bank::new(ecs, &own).unwrap();
            for name in library(ecs).keys() {
                let compile = || Expression::compile(&format!("%{{{name}:whole}}"), &bank).unwrap();
                let Some(others) = compile().without_steps() else { continue };
                let stepwise = compile();
                compared += 1;
                for line in LINES {
                    assert_eq!(stepwise.find(line, 0), others.find(line, 0), "{name} in {line}");
                }
            }
        }
        assert_eq!(compared, 674);
    }

    #[test]
    fn definitions_that_lead_nowhere_are_refused() {
        for (definitions, why) in [
            (&[("A", "%{B}"), ("B", "%{C}"), ("C", "%{A}")][..], "circular reference detected: A->B->C->A"),
            (&[("A", "%{A}")], "circular reference detected: A->A"),
            (&[("A", "%{NOPE}")], "pattern [A] is referencing a non-existent pattern [NOPE]"),
        ] {
            let own =
                definitions.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
            assert_eq!(Bank::new(true, &own).err().as_deref(), Some(why));
        }
    }
}
