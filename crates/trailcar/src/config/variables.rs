//! `${NAME}` and `${NAME:default}` in values; `$${` is a `${` that is meant.
//!
//! Variables are put in after the file was read, into one value each, so what they hold can not become keys.

use super::mistakes::Mistakes;
use super::tree::{Node, Value, join};

/// Where variables come from; the environment but for tests.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Replaces the variables of all values; what can not be replaced is noted, and its key given up.
pub(super) fn substitute(node: &mut Node, path: &str, lookup: Lookup<'_>, mistakes: &mut Mistakes) {
    let place = node.place;
    match &mut node.value {
        Value::Null => {}
        Value::Scalar(scalar) if scalar.text.contains("${") => match replace(&scalar.text, lookup) {
            Ok(text) if text.is_empty() && !scalar.quoted => node.value = Value::Null,
            Ok(text) => {
                scalar.text = text;
                // What comes from outside has no quotes: it may be a number, whatever stood around the variable.
                scalar.quoted = false;
                scalar.hidden = true;
            }
            Err(message) => {
                mistakes.add(Some(place), path, message);
                mistakes.give_up(path);
            }
        },
        Value::Scalar(_) => {}
        Value::Sequence(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                substitute(item, &format!("{path}[{at}]"), lookup, mistakes);
            }
        }
        Value::Mapping(entries) => {
            for (key, value) in entries {
                substitute(value, &join(path, &key.name), lookup, mistakes);
            }
        }
    }
}

fn replace(text: &str, lookup: Lookup<'_>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, variable) = (&rest[..at], &rest[at + 2..]);
        if let Some(before) = before.strip_suffix('$') {
            out.push_str(before);
            out.push_str("${");
            rest = variable;
            continue;
        }
        out.push_str(before);
        let Some((inside, after)) = variable.split_once('}') else {
            return Err("a `${` is not closed: write ${NAME}, or $${ for one that is meant".to_owned());
        };
        out.push_str(&value(inside, lookup)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn value(inside: &str, lookup: Lookup<'_>) -> Result<String, String> {
    let (name, default) = match inside.split_once(':') {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return Err(format!(
            "${{{name}}} names no environment variable: write ${{NAME}} or ${{NAME:default}}"
        ));
    }
    lookup(name).filter(|value| !value.is_empty()).or_else(|| default.map(str::to_owned)).ok_or_else(|| {
        format!("the environment variable {name} is not set: set it, or give a default, ${{{name}:…}}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        match name {
            "HOST" => Some("es".to_owned()),
            "EMPTY" => Some(String::new()),
            "TRICK" => Some("${HOST}".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn variables_are_replaced_once() {
        for (text, expected) in [
            ("https://${HOST}:9200", "https://es:9200"),
            ("${HOST}${HOST}", "eses"),
            ("${NONE:a:b}", "a:b"),
            ("${NONE:}", ""),
            ("${EMPTY:x}", "x"),
            ("${TRICK}", "${HOST}"),
            ("$${HOST}", "${HOST}"),
            ("a$b $ {HOST}", "a$b $ {HOST}"),
        ] {
            assert_eq!(replace(text, &environment).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_can_not_be_replaced_says_why() {
        for (text, part) in [
            ("${NONE}", "NONE is not set"),
            ("${EMPTY}", "EMPTY is not set"),
            ("${HOST", "not closed"),
            ("${a b}", "names no environment variable"),
            ("${}", "names no environment variable"),
        ] {
            let message = replace(text, &environment).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
