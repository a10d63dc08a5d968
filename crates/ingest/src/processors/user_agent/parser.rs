//! The parser of user agents: rules of uap-core's form, of which the first that matches counts.

use regex_filtered::{Builder, Options, Regexes};
use serde::Deserialize;

/// A file of rules, as uap-core has it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    user_agent_parsers: Vec<Rule>,
    os_parsers: Vec<Rule>,
    device_parsers: Vec<Rule>,
}

/// A rule: what to find, and what stands in for its groups.
#[derive(Deserialize)]
struct Rule {
    regex: String,
    #[serde(default)]
    regex_flag: Option<String>,
    #[serde(default, alias = "family_replacement", alias = "os_replacement", alias = "device_replacement")]
    name: Option<String>,
    #[serde(default, alias = "v1_replacement", alias = "os_v1_replacement")]
    major: Option<String>,
    #[serde(default, alias = "v2_replacement", alias = "os_v2_replacement")]
    minor: Option<String>,
    #[serde(default, alias = "v3_replacement", alias = "os_v3_replacement")]
    patch: Option<String>,
    #[serde(default, alias = "v4_replacement", alias = "os_v4_replacement")]
    build: Option<String>,
}

/// A name, and a version where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) version: Option<String>,
}

/// The rules of one kind.
struct Section {
    regexes: Regexes,
    /// By rule: what its groups are replaced by, the name's first.
    replacements: Vec<[Option<String>; 5]>,
}

/// Rules for programs, operating systems and devices.
pub(super) struct Parser {
    programs: Section,
    systems: Section,
    devices: Section,
}

impl Parser {
    /// Compiles a file of rules.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        let file: File =
            crate::yaml::read(text).map_err(|error| format!("this is no file of rules: {error}"))?;
        Ok(Self {
            programs: Section::compile(file.user_agent_parsers)?,
            systems: Section::compile(file.os_parsers)?,
            devices: Section::compile(file.device_parsers)?,
        })
    }

    pub(super) fn program(&self, agent: &str) -> Option<Found> {
        self.programs.find(agent)
    }

    pub(super) fn system(&self, agent: &str) -> Option<Found> {
        self.systems.find(agent)
    }

    pub(super) fn device(&self, agent: &str) -> Option<Found> {
        self.devices.find(agent)
    }
}

impl Section {
    fn compile(rules: Vec<Rule>) -> Result<Self, String> {
        let mut builder = Builder::new();
        let mut replacements = Vec::with_capacity(rules.len());
        for Rule { regex, regex_flag, name, major, minor, patch, build } in rules {
            let mut options = Options::new();
            options.case_insensitive(regex_flag.is_some_and(|flag| flag.contains('i')));
            builder = builder
                .push_opt(&slim(&regex), &options)
                .map_err(|error| format!("the regular expression [{regex}] is wrong: {error}"))?;
            replacements.push([name, major, minor, patch, build]);
        }
        let regexes = builder.build().map_err(|error| format!("the rules are too many: {error}"))?;
        Ok(Self { regexes, replacements })
    }

    fn find(&self, agent: &str) -> Option<Found> {
        let (at, regex) = self.regexes.matching(agent).next()?;
        let groups = regex.captures(agent)?;
        let part = |which: usize| match &self.replacements[at][which] {
            Some(text) => Some(filled(text, &groups)),
            None => groups.get(which + 1).map(|group| group.as_str().to_owned()),
        };
        // A group that matches nothing at all ends the version with a dot, in Elasticsearch as well.
        let version: Vec<String> = (1..=4).map_while(part).collect();
        let version = (!version.is_empty()).then(|| version.join("."));
        Some(Found { name: part(0)?, version })
    }
}

/// A replacement with its groups filled in.
fn filled(text: &str, groups: &regex::Captures<'_>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        out.push_str(before);
        match behind.chars().next().and_then(|digit| digit.to_digit(10)) {
            Some(group) => {
                out.push_str(groups.get(group as usize).map_or("", |group| group.as_str()));
                rest = &behind[1..];
            }
            None => {
                out.push('$');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out.trim().to_owned()
}

/// A regular expression with classes of ASCII, as Java has them, and without limits of a hundred and more to what repeats,
/// which uap-core has for engines that backtrack: both make the automata a fraction as large.
fn slim(regex: &str) -> String {
    let mut out = String::with_capacity(regex.len());
    let mut chars = regex.chars();
    while let Some(c) = chars.next() {
        if c == '{'
            && let Some((length, sign)) = hardly_bounded(chars.as_str())
        {
            out.push(sign);
            chars = chars.as_str()[length..].chars();
            continue;
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('w') => out.push_str("[A-Za-z0-9_]"),
            Some('W') => out.push_str("[^A-Za-z0-9_]"),
            Some('s') => out.push_str(r"[ \t\n\x0b\x0c\r]"),
            Some('S') => out.push_str(r"[^ \t\n\x0b\x0c\r]"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

/// `0,n}` or `1,n}` where n has three digits or more: its length, and the sign without a limit that is nearly the same.
fn hardly_bounded(text: &str) -> Option<(usize, char)> {
    let sign = if text.starts_with("0,") { '*' } else { '+' };
    let (limit, _) = text.strip_prefix("0,").or_else(|| text.strip_prefix("1,"))?.split_once('}')?;
    let long = limit.len() >= 3 && limit.bytes().all(|digit| digit.is_ascii_digit());
    long.then_some((limit.len() + 3, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_one_s_own_are_read() {
        let parser = Parser::compile(
            "user_agent_parsers: [{regex: '(my)tool/(\\d+)\\.(\\d+)?', family_replacement: 'My $1', v2_replacement: x$1}]",
        )
        .unwrap();
        let found = parser.program("a mytool/5. b").unwrap();
        assert_eq!(found, Found { name: "My my".to_owned(), version: Some("5.xmy".to_owned()) });
        assert_eq!(parser.device("a"), None);
        assert_eq!(slim(r"a.{0,100}\d{1,3}x{1,200}\{0,100}"), r"a.*[0-9]{1,3}x+\{0,100}");
        assert!(Parser::compile("user_agent_parsers: [{regex: '('}]").is_err());
        assert!(Parser::compile("[").is_err());
    }
}
