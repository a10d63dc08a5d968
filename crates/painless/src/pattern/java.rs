//! Java's syntax of regular expressions in the words of the `regex` crate.

/// Java's syntax in the words of the `regex` crate. What is alike stays.
pub(super) fn translate(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('h') => {
                out.push_str("[ \\t\\u{A0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}]");
            }
            Some('R') => out.push_str("(?:\\r\\n|[\\n\\x0b\\x0c\\r\\u{85}\\u{2028}\\u{2029}])"),
            Some('Z') => out.push_str("(?:\\n?\\z)"),
            // Java's classes are of ASCII alone.
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('w') => out.push_str("[a-zA-Z0-9_]"),
            Some('W') => out.push_str("[^a-zA-Z0-9_]"),
            Some('s') => out.push_str("[ \\t\\n\\x0b\\x0c\\r]"),
            Some('S') => out.push_str("[^ \\t\\n\\x0b\\x0c\\r]"),
            Some('b') => out.push_str(r"(?-u:\b)"),
            Some('e') => out.push_str("\\x1b"),
            Some(property @ ('p' | 'P')) => match posix(chars.as_str()) {
                Some((class, rest)) => {
                    out.push_str(&format!("[{}{class}]", if property == 'P' { "^" } else { "" }));
                    chars = rest.chars();
                }
                None => out.extend(['\\', property]),
            },
            Some('Q') => {
                let rest = chars.as_str();
                let (literal, after) = rest.split_once("\\E").unwrap_or((rest, ""));
                out.push_str(&regex::escape(literal));
                chars = after.chars();
            }
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

/// The class of ASCII characters that a POSIX name in braces is in Java, and what follows it.
fn posix(text: &str) -> Option<(&'static str, &str)> {
    const CLASSES: &[(&str, &str)] = &[
        ("Lower", "a-z"),
        ("Upper", "A-Z"),
        ("ASCII", "\\x00-\\x7F"),
        ("Alpha", "a-zA-Z"),
        ("Digit", "0-9"),
        ("Alnum", "a-zA-Z0-9"),
        ("Punct", "!-/:-@\\[-`{-~"),
        ("Graph", "!-~"),
        ("Print", " -~"),
        ("Blank", " \\t"),
        ("Cntrl", "\\x00-\\x1F\\x7F"),
        ("XDigit", "0-9a-fA-F"),
        ("Space", " \\t\\n\\x0B\\x0C\\r"),
    ];
    let (name, rest) = text.strip_prefix('{')?.split_once('}')?;
    CLASSES.iter().find(|(known, _)| *known == name).map(|(_, class)| (*class, rest))
}
