//! Conditions and scripts out of a small grammar of painless.

use super::dice::Dice;
use super::documents::Schema;
use super::values::Kind;

/// A field as painless reads it, with or without care for what is missing.
fn path(schema: &Schema, kinds: &[Kind], dice: &mut Dice) -> String {
    let field = schema.field(kinds, dice);
    let careful = dice.percent(80);
    let mut text = "ctx".to_owned();
    for (at, part) in field.split('.').enumerate() {
        let plain = !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !part.starts_with(|c: char| c.is_ascii_digit());
        if !plain {
            return format!("ctx['{}']", field.replace(['\'', '\\'], ""));
        }
        text += if careful && at > 0 { "?." } else { "." };
        text += part;
    }
    text
}

fn literal(dice: &mut Dice) -> String {
    dice.text(&[
        "1",
        "0",
        "-5",
        "5",
        "100L",
        "1.5",
        "2.0f",
        "'x'",
        "'abc'",
        "''",
        "'5'",
        "true",
        "false",
        "null",
        "'ä'",
        "[]",
        "['x', 'y']",
        "[1, 2]",
        "['a': 1]",
        "5000000000L",
        "(int)7",
        "(long)7",
        "(short)3",
        "0.1",
    ])
}

/// A condition.
pub(super) fn condition(schema: &Schema, dice: &mut Dice) -> String {
    truth(schema, dice, 2)
}

fn truth(schema: &Schema, dice: &mut Dice, depth: usize) -> String {
    let any = |dice: &mut Dice| path(schema, &[], dice);
    match dice.below(if depth == 0 { 13 } else { 17 }) {
        0 | 1 => equality(schema, dice),
        2 => format!("{} != null", any(dice)),
        3 => format!("{} == null", any(dice)),
        4 => {
            let class = dice.text(&[
                "String",
                "Number",
                "Integer",
                "Long",
                "Double",
                "Boolean",
                "List",
                "Map",
                "def",
                "Object",
                "Collection",
            ]);
            format!("{} instanceof {class}", any(dice))
        }
        5 => {
            let text = path(schema, &[Kind::Text, Kind::Log, Kind::Pairs], dice);
            let call = dice.text(&[
                "contains('a')",
                "startsWith('a')",
                "endsWith(' ')",
                "isEmpty()",
                "equalsIgnoreCase('ABC')",
                "contains('ö')",
            ]);
            format!("{text} instanceof String && {text}.{call}")
        }
        6 => {
            let text = path(schema, &[Kind::Text, Kind::Date, Kind::Csv], dice);
            let call = dice.text(&[
                "contains('x')",
                "isEmpty()",
                "length() > 3",
                "indexOf('b') >= 0",
                "size() > 1",
                "equals('x')",
                "hashCode() != 0",
            ]);
            format!("{text} != null && {text}.{call}")
        }
        7 => {
            let operator = dice.text(&[">", "<", ">=", "<="]);
            format!(
                "{} {operator} {}",
                path(schema, &[Kind::Number], dice),
                dice.text(&["0", "5", "-1.5", "100L", "1e10"])
            )
        }
        8 => {
            let number = path(schema, &[Kind::Number], dice);
            format!(
                "{number} instanceof Number && {number} {} 10",
                dice.text(&[">", "<=", "% 3 >", "* 2 <", "+ 1 >"])
            )
        }
        9 => format!("['x', 'abc', '5', 1].contains({})", any(dice)),
        10 => format!("ctx.containsKey('{}')", dice.text(&["a", "l", "p", "out", "nope", "d.e"])),
        11 => {
            let list = path(schema, &[Kind::List], dice);
            let call = dice.text(&[
                "size() == 2",
                "contains('x')",
                "isEmpty()",
                "contains(1)",
                "size() > 0 && LIST[0] != null",
                "indexOf('x') == 0",
            ]);
            format!("{list} instanceof List && {list}.{}", call.replace("LIST", &list))
        }
        12 => {
            let text = path(schema, &[Kind::Text, Kind::Log], dice);
            let pattern = dice.text(&["/a+/", "/^[a-z]+$/", "/\\d+/", "/(?i)HELLO/", "/\\s/", "/./"]);
            format!("{text} instanceof String && {text} {} {pattern}", dice.text(&["=~", "==~"]))
        }
        13 => format!("!({})", truth(schema, dice, depth - 1)),
        14 => format!("({}) && ({})", truth(schema, dice, depth - 1), truth(schema, dice, depth - 1)),
        15 => format!("({}) || ({})", truth(schema, dice, depth - 1), truth(schema, dice, depth - 1)),
        _ => {
            let [one, two, three] = [0; 3].map(|_| truth(schema, dice, depth - 1));
            format!("({one}) ? ({two}) : ({three})")
        }
    }
}

/// What is compared with a number or a truth value is one: whether OpenSearch then throws depends on what the same place
/// of a script has seen before.
fn equality(schema: &Schema, dice: &mut Dice) -> String {
    let (value, operator) = (path(schema, &[], dice), dice.text(&["==", "!="]));
    match dice.below(4) {
        0 => {
            let number = dice.text(&["1", "0", "5", "-5", "1.5", "100L", "2.0f"]);
            format!("{value} instanceof Number && {value} {operator} {number}")
        }
        1 => format!("{value} instanceof Boolean && {value} {operator} {}", dice.text(&["true", "false"])),
        _ => format!("{value} {operator} {}", dice.text(&["'x'", "'abc'", "''", "null", "'5'", "'ä'"])),
    }
}

/// An expression of any type.
fn expression(schema: &Schema, dice: &mut Dice, depth: usize) -> String {
    let text = |dice: &mut Dice| path(schema, &[Kind::Text, Kind::Log, Kind::Written], dice);
    match dice.below(if depth == 0 { 8 } else { 14 }) {
        0 | 1 => path(schema, &[], dice),
        2 => literal(dice),
        3 => {
            let call = dice.text(&[
                "length()",
                "trim()",
                "toUpperCase()",
                "toLowerCase()",
                "substring(1)",
                "replace('a', 'b')",
                "indexOf('b')",
                "charAt(0)",
                "toString()",
                "hashCode()",
                "lastIndexOf('a')",
                "substring(0, 2)",
                "splitOnToken(',')[0]",
                "replaceAll(/a/, m -> 'x')",
                "isEmpty()",
                "concat('z')",
                "splitOnToken(' ').length",
            ]);
            let value = text(dice);
            format!("({value} instanceof String ? (def){value}.{call} : 'none')")
        }
        4 => {
            let call = dice.text(&["intValue()", "longValue()", "doubleValue()", "toString()", "hashCode()"]);
            let value = path(schema, &[Kind::Number], dice);
            format!("({value} instanceof Number ? (def){value}.{call} : -1)")
        }
        5 => {
            let call = dice.text(&["size()", "isEmpty()", "contains('x')", "get(0)"]);
            format!("{}.{call}", path(schema, &[Kind::List], dice))
        }
        6 => {
            let call = dice.text(&[
                "Integer.parseInt",
                "Long.parseLong",
                "Double.parseDouble",
                "Boolean.parseBoolean",
            ]);
            format!("{call}({})", path(schema, &[Kind::Written], dice))
        }
        7 => format!("params.{}", dice.text(&["p", "q.r", "l[0]", "nope", "p + 1"])),
        8 => {
            let operator = dice.text(&["+", "+", "-", "*", "/", "%"]);
            format!("({} {operator} {})", path(schema, &[Kind::Number], dice), operand(schema, dice))
        }
        9 => format!("('v=' + {})", expression(schema, dice, depth - 1)),
        10 => format!(
            "({} ? (def){} : (def){})",
            truth(schema, dice, 1),
            path(schema, &[], dice),
            expression(schema, dice, depth - 1)
        ),
        11 => format!("[{}, {}]", expression(schema, dice, depth - 1), literal(dice)),
        12 => format!("['k': {}]", expression(schema, dice, depth - 1)),
        _ => format!("({} ?: {})", path(schema, &[], dice), path(schema, &[Kind::Text], dice)),
    }
}

/// What painless does not know the type of before it runs, or a number: OpenSearch refuses a script with operators between
/// other types when it compiles it.
fn operand(schema: &Schema, dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => dice.text(&["1", "7L", "2.5", "0", "params.p"]),
        _ => path(schema, &[Kind::Number, Kind::Written], dice),
    }
}

/// Whether a field is a list, as a condition.
pub(super) fn is_list(field: &str) -> Option<String> {
    let plain = field.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
        && !field.contains(".0")
        && !field.contains("..")
        && !field.starts_with('.')
        && !field.ends_with('.')
        && !field.contains(".9");
    plain.then(|| format!("ctx.{} instanceof List", field.replace('.', "?.")))
}

/// A script that first reads and reckons and then writes. One that fails has written nothing: OpenSearch runs scripts on a
/// copy, Elasticsearch on the document.
pub(super) fn script(schema: &Schema, dice: &mut Dice) -> String {
    let mut read = String::new();
    let mut write = String::new();
    for at in 0..1 + dice.below(3) {
        let target = dice.text(&["s1", "s2", "s3"]);
        read += &format!("def r{at} = {}; ", expression(schema, dice, 2));
        write += &format!("ctx.{target} = r{at}; ");
    }
    if dice.percent(15) {
        let list = path(schema, &[Kind::List], dice);
        read += &format!(
            "def c = 0; def seen = []; if ({list} instanceof List) {{ for (def e : {list}) {{ if (e == null) {{ continue; }} seen.add(e); c++; }} }} "
        );
        write += "ctx.c = c; ctx.seen = seen; ";
    }
    if dice.percent(12) {
        write += &format!("ctx.remove('{}'); ", dice.text(&["a", "b", "nope", "p", "m"]));
    }
    if dice.percent(8) {
        read = format!("if ({}) {{ return; }} ", truth(schema, dice, 1)) + &read;
    }
    (read + &write).trim_end().to_owned()
}
