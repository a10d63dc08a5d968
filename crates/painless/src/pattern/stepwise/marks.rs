//! Look-around and atomic groups, which the parser of `regex` does not know, as groups with names that it reads.

/// What a group that stands in for something else means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// What follows matches, or does not.
    Ahead { not: bool },
    /// What is before matches, or does not.
    Behind { not: bool },
    /// Once it has matched, it matches in no other way.
    Atomic,
}

/// A pattern without look-around and atomic groups.
#[derive(Debug)]
pub(super) struct Marked {
    pub(super) source: String,
    /// By number of the groups that capture in `source`: what it stands in for; `None` is a group.
    pub(super) groups: Vec<Option<Mark>>,
}

const MARKS: [(&str, Mark); 5] = [
    ("?=", Mark::Ahead { not: false }),
    ("?!", Mark::Ahead { not: true }),
    ("?<=", Mark::Behind { not: false }),
    ("?<!", Mark::Behind { not: true }),
    ("?>", Mark::Atomic),
];

/// Finds them; `None` for what the two engines may read each in its own way.
pub(super) fn mark(pattern: &str) -> Option<Marked> {
    let mut marked = Marked { source: String::with_capacity(pattern.len() + 16), groups: vec![None] };
    let mut rest = pattern;
    // How the last quantifier ended, which a plus would make possessive.
    let mut quantifier = false;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        let possessive = quantifier && c == '+';
        quantifier = matches!(c, '*' | '+' | '?' | '}');
        match c {
            '+' if possessive => return None,
            '\\' => length += rest[1..].chars().next()?.len_utf8(),
            '[' => length = class(rest)?,
            '(' => {
                let inner = &rest[1..];
                if let Some((open, what)) = MARKS.iter().find(|(open, _)| inner.starts_with(open)) {
                    let number = marked.groups.len();
                    marked.groups.push(Some(*what));
                    marked.source.push_str(&format!("(?P<mark_{number}__>"));
                    rest = &inner[open.len()..];
                    continue;
                }
                if !inner.starts_with('?') || inner.starts_with("?P<") || inner.starts_with("?<") {
                    marked.groups.push(None);
                } else {
                    // Flags; where white space does not count, comments may hold anything.
                    let flags = inner[1..].find([':', ')']).map(|end| &inner[1..=end])?;
                    if flags.contains(|c: char| !matches!(c, 'i' | 'm' | 's' | 'u' | '-')) {
                        return None;
                    }
                    length = 2 + flags.len();
                }
            }
            _ => {}
        }
        marked.source.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Some(marked)
}

/// How long the class is that a text begins with.
fn class(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()?),
            '[' => {
                depth += 1;
                chars.next_if(|(_, c)| *c == '^');
                chars.next_if(|(_, c)| *c == ']');
            }
            ']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_told_apart() {
        for (pattern, source, groups) in [
            (
                r"(a)(?!b)(?<n>c)",
                r"(a)(?P<mark_2__>b)(?<n>c)",
                &[None, Some(Mark::Ahead { not: true }), None][..],
            ),
            (r"\((?<=[(?=\]])(?i:x)", r"\((?P<mark_1__>[(?=\]])(?i:x)", &[Some(Mark::Behind { not: false })]),
            (r"(?>a+?)", r"(?P<mark_1__>a+?)", &[Some(Mark::Atomic)]),
            (r"[[:alpha:]](?=\))", r"[[:alpha:]](?P<mark_1__>\))", &[Some(Mark::Ahead { not: false })]),
        ] {
            let marked = mark(pattern).unwrap();
            assert_eq!((marked.source.as_str(), &marked.groups[1..]), (source, groups));
        }
        for pattern in ["a++", "a?+", "a{2}+", "(?x)a", "(?P=n)", "(?|a)", "[a", "a\\"] {
            assert!(mark(pattern).is_none(), "{pattern}");
        }
    }
}
