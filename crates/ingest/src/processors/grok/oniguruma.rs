//! Oniguruma's syntax, as Ruby and grok have it, in the words of the `regex` crate.
//!
//! `^` and `$` are at every line, `m` makes the dot match a line's end, `\h` is a hexadecimal digit, `\d`, `\w` and `\s` are of
//! ASCII while the classes in brackets are of Unicode, a brace that is no quantifier is a character, and groups without a name
//! capture nothing where others have one.

/// A pattern in other words.
pub(super) struct Translated {
    /// The pattern, its named groups called `g0`, `g1` and so on.
    pub(super) regex: String,
    /// The names that those have in the source, by their number.
    pub(super) groups: Vec<String>,
}

/// Translates a pattern.
///
/// # Errors
/// What is wrong with it, in Oniguruma's words.
pub(super) fn translate(source: &str) -> Result<Translated, String> {
    let mut translator = Translator {
        rest: source,
        out: String::with_capacity(source.len() * 2),
        groups: Vec::new(),
        has_names: has_named_group(source),
        open: Vec::new(),
        atom: 0,
        behind: Behind::Nothing,
    };
    translator.out.push_str("(?m)");
    while let Some(c) = translator.next() {
        translator.one(c)?;
    }
    if !translator.open.is_empty() {
        return Err("end pattern with unmatched parenthesis".to_owned());
    }
    Ok(Translated { regex: translator.out, groups: translator.groups })
}

fn has_named_group(source: &str) -> bool {
    source.contains("(?'")
        || source.match_indices("(?<").any(|(at, _)| !source[at + 3..].starts_with(['=', '!']))
}

struct Translator<'a> {
    rest: &'a str,
    out: String,
    groups: Vec<String>,
    has_names: bool,
    /// Where the open parentheses stand in `out`.
    open: Vec<usize>,
    /// Where what a quantifier would repeat begins in `out`.
    atom: usize,
    behind: Behind,
}

/// What stands before the next character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// Nothing that can be repeated.
    Nothing,
    Atom,
    /// A quantifier, which a `?` or `+` makes lazy or possessive.
    Sign,
    /// A quantifier that is complete.
    Quantifier,
}

const SPACE: &str = r" \t\n\x0b\x0c\r";

impl Translator<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn one(&mut self, c: char) -> Result<(), String> {
        let braces = if c == '{' { self.quantifier() } else { None };
        if matches!(c, '*' | '+' | '?') || (braces.is_some() && self.behind != Behind::Nothing) {
            return self.repeat(c, braces);
        }
        if c == ')' {
            let start = self.open.pop().ok_or("unmatched close parenthesis")?;
            self.out.push(')');
            (self.atom, self.behind) = (start, Behind::Atom);
            return Ok(());
        }
        let start = self.out.len();
        let (groups, open) = (self.groups.len(), self.open.len());
        match c {
            '\\' => self.escape(false)?,
            '[' => self.class()?,
            '(' => self.open()?,
            '{' | '}' | ']' => self.out.extend(['\\', c]),
            c => self.out.push(c),
        }
        let opened = (groups, open) != (self.groups.len(), self.open.len());
        self.behind = if opened || matches!(c, '|' | '(') { Behind::Nothing } else { Behind::Atom };
        self.atom = start;
        Ok(())
    }

    /// A quantifier; one behind another repeats what that repeats.
    fn repeat(&mut self, sign: char, braces: Option<(usize, String)>) -> Result<(), String> {
        let modifies = self.behind == Behind::Sign && matches!(sign, '?' | '+');
        match self.behind {
            Behind::Nothing => return Err("target of repeat operator is not specified".to_owned()),
            Behind::Sign | Behind::Quantifier if !modifies => {
                self.out.insert_str(self.atom, "(?:");
                self.out.push(')');
            }
            _ => {}
        }
        match braces {
            Some((length, quantifier)) => {
                self.rest = &self.rest[length..];
                self.out.push_str(&quantifier);
            }
            None => self.out.push(sign),
        }
        self.behind = if modifies { Behind::Quantifier } else { Behind::Sign };
        Ok(())
    }

    /// `{n}`, `{n,}`, `{n,m}` or `{,m}` behind the brace: its length, and the quantifier.
    fn quantifier(&self) -> Option<(usize, String)> {
        let (body, _) = self.rest.split_once('}')?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let (least, most) = body.split_once(',').map_or((body, None), |(least, most)| (least, Some(most)));
        let empty = least.is_empty() && most.is_none_or(str::is_empty);
        if empty || !digits(least) || !most.is_none_or(digits) {
            return None;
        }
        let least = if least.is_empty() { "0" } else { least };
        let quantifier = most.map_or_else(|| format!("{{{least}}}"), |most| format!("{{{least},{most}}}"));
        Some((body.len() + 1, quantifier))
    }

    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let Some(c) = self.next() else { return Err("end pattern at escape".to_owned()) };
        let class = match c {
            'h' => Some("0-9a-fA-F"),
            'd' => Some("0-9"),
            'w' => Some("0-9A-Za-z_"),
            's' => Some(SPACE),
            _ => None,
        };
        if let Some(class) = class {
            let (open, close) = if in_class { ("", "") } else { ("[", "]") };
            self.push_all(&[open, class, close]);
            return Ok(());
        }
        match c {
            'H' => self.out.push_str("[^0-9a-fA-F]"),
            'D' => self.out.push_str("[^0-9]"),
            'W' => self.out.push_str("[^0-9A-Za-z_]"),
            'S' => self.push_all(&["[^", SPACE, "]"]),
            'v' => self.out.push_str("\\x0b"),
            'e' => self.out.push_str("\\x1b"),
            'Z' if !in_class => self.out.push_str("(?=\\n?\\z)"),
            'R' if !in_class => self.out.push_str("(?:\\r\\n|[\\n\\x0b\\x0c\\r\\u{85}\\u{2028}\\u{2029}])"),
            'b' if in_class => self.out.push_str("\\x08"),
            'p' | 'P' => self.property(c),
            'k' if !in_class => self.back_reference()?,
            '1'..='9' if !in_class && self.has_names => {
                return Err("numbered backref/call is not allowed. (use name)".to_owned());
            }
            'g' | 'K' | 'X' | 'G' | 'y' | 'Y' | 'O' | 'N' if !in_class => {
                return Err(format!("the escape \\{c} is not known here"));
            }
            c if c.is_ascii_alphanumeric() => self.out.extend(['\\', c]),
            // Where the crate has a meaning for one that Oniguruma takes as it is.
            '<' | '>' => self.out.push(c),
            c if c.is_ascii_punctuation() || c == ' ' => self.out.extend(['\\', c]),
            c => self.out.push(c),
        }
        Ok(())
    }

    fn push_all(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.out.push_str(part));
    }

    /// `\p{Name}`; `^` in front of the name is the opposite.
    fn property(&mut self, sign: char) {
        let Some((name, rest)) = self.rest.strip_prefix('{').and_then(|body| body.split_once('}')) else {
            self.out.extend(['\\', sign]);
            return;
        };
        self.rest = rest;
        let (negated, name) = name.strip_prefix('^').map_or((sign == 'P', name), |name| (sign == 'p', name));
        match posix(&name.to_ascii_lowercase()) {
            Some(class) => self.push_all(&[if negated { "[^" } else { "[" }, class, "]"]),
            None => self.push_all(&[if negated { "\\P{" } else { "\\p{" }, name, "}"]),
        }
    }

    fn back_reference(&mut self) -> Result<(), String> {
        let Some((name, rest)) =
            self.rest.strip_prefix('<').and_then(|body| body.split_once('>')).or_else(|| quoted(self.rest))
        else {
            return Err("invalid backref number/name".to_owned());
        };
        let Some(group) = self.groups.iter().position(|group| group == name) else {
            return Err(format!("undefined name <{name}> reference"));
        };
        self.rest = rest;
        self.out.push_str(&format!("\\k<g{group}>"));
        Ok(())
    }

    /// A class, up to its end; classes in it are read by the crate as Oniguruma reads them.
    fn class(&mut self) -> Result<(), String> {
        const END: &str = "premature end of char-class";
        self.out.push('[');
        let mut depth = 1;
        if self.rest.starts_with('^') {
            self.next();
            self.out.push('^');
        }
        if self.rest.starts_with(']') {
            self.next();
            self.out.push_str("\\]");
        }
        let mut before = None;
        while depth > 0 {
            let c = self.next().ok_or(END)?;
            match c {
                '\\' => self.escape(true)?,
                ']' => {
                    depth -= 1;
                    self.out.push(']');
                }
                '[' if self.rest.starts_with(':') && self.posix_bracket() => {}
                '[' => {
                    depth += 1;
                    self.out.push('[');
                }
                // Operators of the crate that Oniguruma does not have.
                '-' | '~' if before == Some(c) => self.out.extend(['\\', c]),
                c => self.out.push(c),
            }
            before = Some(c);
        }
        Ok(())
    }

    /// `[:name:]` behind the bracket; false where it is none.
    fn posix_bracket(&mut self) -> bool {
        let Some((name, rest)) = self.rest[1..].split_once(":]") else { return false };
        let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
        let Some(class) = posix(name) else { return false };
        self.rest = rest;
        self.push_all(&[if negated { "[^" } else { "[" }, class, "]"]);
        true
    }

    fn open(&mut self) -> Result<(), String> {
        let start = self.out.len();
        let Some(body) = self.rest.strip_prefix('?') else {
            self.open.push(start);
            self.out.push_str(if self.has_names { "(?:" } else { "(" });
            return Ok(());
        };
        if let Some(comment) = body.strip_prefix('#') {
            let (_, rest) = comment.split_once(')').ok_or("end pattern in group")?;
            self.rest = rest;
            return Ok(());
        }
        let angled = body.strip_prefix('<').filter(|name| !name.starts_with(['=', '!']));
        if angled.is_some() || body.starts_with('\'') {
            let named = angled.map_or_else(|| quoted(body), |name| name.split_once('>'));
            let (name, rest) = named.ok_or("invalid group name <>")?;
            if name.is_empty() {
                return Err("group name is empty".to_owned());
            }
            self.rest = rest;
            self.open.push(start);
            self.out.push_str(&format!("(?P<g{}>", self.groups.len()));
            self.groups.push(name.to_owned());
            return Ok(());
        }
        for kept in ["?:", "?=", "?!", "?>", "?<=", "?<!"] {
            if let Some(rest) = self.rest.strip_prefix(kept) {
                self.rest = rest;
                self.open.push(start);
                self.push_all(&["(", kept]);
                return Ok(());
            }
        }
        self.flags(body, start)
    }

    /// `(?mix-mix)` or `(?mix-mix:`.
    fn flags(&mut self, body: &str, start: usize) -> Result<(), String> {
        let length = body.find(|c: char| !matches!(c, 'm' | 'i' | 'x' | '-')).unwrap_or(body.len());
        let flags = body[..length].replace('m', "s");
        let end = body[length..].chars().next().filter(|end| matches!(end, ':' | ')'));
        let end = end.ok_or("undefined group option")?;
        self.rest = &self.rest[1 + length + 1..];
        if end == ':' {
            self.open.push(start);
        }
        let nothing = flags.is_empty() || flags == "-";
        match (nothing, end) {
            (true, ')') => {}
            (true, _) => self.out.push_str("(?:"),
            (false, end) => self.push_all(&["(?", flags.trim_end_matches('-'), end.encode_utf8(&mut [0; 4])]),
        }
        Ok(())
    }
}

/// A name between single quotes, which may stand where one between angle brackets may; and what is behind it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('\'')?.split_once('\'')
}

/// What is in a class that has a name; of Unicode, as Oniguruma has it for UTF-8.
fn posix(name: &str) -> Option<&'static str> {
    Some(match name {
        "alpha" => r"\p{Alphabetic}",
        "digit" => r"\p{Nd}",
        "alnum" => r"\p{Alphabetic}\p{Nd}",
        "upper" => r"\p{Uppercase}",
        "lower" => r"\p{Lowercase}",
        "space" => r"\s",
        "blank" => r"\t\p{Zs}",
        "cntrl" => r"\p{Cc}",
        "punct" => r"\p{P}$+<=>^`|~",
        "xdigit" => "0-9a-fA-F",
        "word" => r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}",
        "graph" => r"[^\s\p{Cc}\p{Cn}\p{Cs}]",
        "print" => r"[^\p{Cc}\p{Cn}\p{Cs}]",
        "ascii" => r"\x00-\x7f",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use painless::pattern::Pattern;
    use proptest::prelude::*;

    use super::*;

    // Seen on OpenSearch, whose grok runs on the same library.
    #[test]
    fn patterns_match_as_in_oniguruma() {
        for (pattern, text, found) in [
            (r"\h+", "zzab9-", Some("ab9")),
            (r"^x$", "a\nx\nb", Some("x")),
            (r"a.b", "a\nb", None),
            (r"(?m)a.b", "a\nb", Some("a\nb")),
            (r"(?m-i:a.b)", "a\nb", Some("a\nb")),
            (r"\w+", "é1", Some("1")),
            (r"[[:alpha:]]+", "é1", Some("é")),
            (r"\p{Alpha}+\p{^Alpha}", "é1", Some("é1")),
            (r"a{,2}b", "aaab", Some("aab")),
            (r"x{", "x{", Some("x{")),
            (r"{2}", "{2}", Some("{2}")),
            (r"\<x\>", "<x>", Some("<x>")),
            (r"x\Z", "x\n", Some("x")),
            (r"a.?*b|(a|b)+?{2}", "axyb", Some("axyb")),
            (r"(?>a|ab)c", "abc", None),
            (r"a++b", "aab", Some("aab")),
            (r"[a\-\]]+", "]-a", Some("]-a")),
            (r"[!--]+", "!,-", Some("!,-")),
            (r"(?<q>['`])a\k<q>", "'a` `a`", Some("`a`")),
            (r"(?'a.b'x)y(z)", "xyz", Some("xyz")),
            (r"(?'q'['`])a\k'q'", "'a` `a`", Some("`a`")),
            (r"(?#no)x(?i)Y", "xy", Some("xy")),
            (r"(?<!\d)\d(?!\d)", "12 3", Some("3")),
        ] {
            let translated = translate(pattern).unwrap().regex;
            let compiled = Pattern::translated(&translated).unwrap_or_else(|why| panic!("{pattern}: {why}"));
            let groups = compiled.find_at(text, 0).unwrap();
            let range = groups.map(|groups| groups[0].clone().unwrap());
            assert_eq!(range.map(|range| &text[range]), found, "{pattern}");
        }
    }

    #[test]
    fn mistakes_are_told_in_oniguruma_s_words() {
        for (pattern, why) in [
            ("(", "end pattern with unmatched parenthesis"),
            ("a)", "unmatched close parenthesis"),
            ("[a", "premature end of char-class"),
            ("*", "target of repeat operator is not specified"),
            ("(?<>a)", "group name is empty"),
            ("(?''a)", "group name is empty"),
            ("(?'a)", "invalid group name <>"),
            (r"(?<a>(x)\1)", "numbered backref/call is not allowed. (use name)"),
        ] {
            assert_eq!(translate(pattern).err().as_deref(), Some(why), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(pattern in r"([a-c\[\](){}?*+|^$.,0-9<>:=!#\\-]|\PC){0,30}") {
            if let Ok(translated) = translate(&pattern) {
                drop(Pattern::translated(&translated.regex));
            }
        }
    }
}
