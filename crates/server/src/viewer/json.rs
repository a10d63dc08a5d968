//! A document laid out to be read. The text itself is laid out, not a parsed value, so numbers and the order of fields
//! stay as they were delivered.

/// Indents JSON of one line. What is no JSON comes out with other white space, and nothing worse.
pub(crate) fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0usize;
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                out.push('"');
                while let Some(c) = chars.next() {
                    out.push(c);
                    match c {
                        '\\' => out.extend(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '{' | '[' => {
                out.push(c);
                match chars.next_if(|next| matches!(next, '}' | ']')) {
                    Some(end) => out.push(end),
                    None => {
                        depth += 1;
                        line(&mut out, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(',');
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

/// Begins a line; what is nested deeper than anybody reads is not moved further.
fn line(out: &mut String, depth: usize) {
    const DEEPEST: usize = 40;
    out.push('\n');
    for _ in 0..depth.min(DEEPEST) {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_laid_out_as_everybody_does() {
        let json = r#"{"a":[1,{"b":"x,\"{}"}],"e":{},"l":[],"n":null}"#;
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(indented(json), serde_json::to_string_pretty(&value).unwrap());
    }

    #[test]
    fn numbers_stay_as_they_are() {
        assert_eq!(
            indented("{\"a\":123456789012345678901234567890.10}"),
            "{\n  \"a\": 123456789012345678901234567890.10\n}"
        );
    }
}
