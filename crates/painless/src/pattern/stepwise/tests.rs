//! The engine against those of others, on random patterns and texts.

use proptest::prelude::*;

use super::super::engine::Bounded;
use super::*;

/// Patterns of few letters, so that they match often, with all that has steps.
fn pattern() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        8 => "[abcx1é-]".prop_map(String::from),
        4 => prop::sample::select(vec![
            "[ab]", "[^a]", "[a-c]", "[^é]", "[à-ü]", "[\u{400}-\u{10ffff}]", ".", "(?s:.)", "[0-9]", r"\w", r"\s", r"\b",
            r"\B", "^", "$", "(?m:^)", "(?m:$)", r"\A", r"\z", "(?i:a)", "ab", "a-b", "[a&&b]", r"[^\n]", r"(?-u:\b)",
        ]).prop_map(String::from),
    ];
    let quantifier = prop::sample::select(vec![
        "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{2,}", "{1,3}?",
    ]);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.concat()),
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|ways| format!("(?:{})", ways.join("|"))),
            3 => (inner.clone(), quantifier.clone()).prop_map(|(part, sign)| format!("(?:{part}){}", on(&part, sign))),
            2 => (inner.clone(), quantifier.clone()).prop_map(|(part, sign)| format!("({part}){}", on(&part, sign))),
            2 => inner.prop_map(|part| format!("({part})")),
        ]
    })
}

/// The quantifier, unless the part is nothing but places between characters: `fancy-regex` repeats those amiss.
fn on<'a>(part: &str, quantifier: &'a str) -> &'a str {
    let mut rest = part.to_owned();
    for edge in
        ["(?m:^)", "(?m:$)", r"(?-u:\b)", r"\b", r"\B", "^", "$", r"\A", r"\z", "{", "2", ",", "0", "1", "}"]
    {
        rest = rest.replace(edge, "");
    }
    if rest.contains(|c: char| c.is_alphanumeric() || "[.-".contains(c)) { quantifier } else { "" }
}

/// The same with what looks around, and atomic groups.
fn around() -> impl Strategy<Value = String> {
    let open = prop::sample::select(vec!["(?=", "(?!", "(?<=", "(?<!", "(?>"]);
    prop::collection::vec((pattern(), open, pattern()), 1..3).prop_map(|parts| {
        parts.into_iter().map(|(before, open, inner)| format!("{before}{open}{inner})")).collect()
    })
}

fn text() -> impl Strategy<Value = String> {
    "([abcx1é -]|[ab]|\\n|\u{4e2d}|😀){0,14}"
}

/// Both engines on a text, from each place on.
fn compare(pattern: &str, text: &str) -> Result<(), TestCaseError> {
    let Ok(bounded) = Bounded::compile(pattern) else { return Ok(()) };
    let Some(stepwise) = Stepwise::compile(pattern) else { return Ok(()) };
    for from in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
        let (mut groups, mut expected) = (Groups::new(), Groups::new());
        let Ok(there) = bounded.captures(text, from, &mut expected) else { continue };
        match stepwise.find_groups(text, from, &mut groups) {
            Search::TooLong => continue,
            search => prop_assert_eq!(matches!(search, Search::Found(_)), there, "{} from {}", pattern, from),
        }
        if there {
            prop_assert_eq!(&groups, &expected, "{} from {}", pattern, from);
            let Search::Found(whole) = stepwise.find(text, from) else { panic!("found and not") };
            prop_assert_eq!(Some(Some(whole)), groups.first().cloned());
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn finds_what_the_linear_engine_finds(pattern in pattern(), texts in prop::collection::vec(text(), 4)) {
        for text in texts {
            compare(&pattern, &text)?;
        }
    }

    #[test]
    fn looks_around_as_the_other_engine_does(pattern in around(), texts in prop::collection::vec(text(), 4)) {
        for text in texts {
            compare(&pattern, &text)?;
        }
    }
}

#[test]
fn has_steps_for_what_logs_need() {
    for pattern in [
        r"\d+",
        ",",
        r"(?<![0-9])(?:25[0-5]|[0-9]{1,2})(?![0-9])",
        r"\b\w+\b",
        r"(?m)(?P<g0>(?>a|ab)c).*?(?P<g1>\S+)",
        r"(?<!a|b)c",
        r"(a|b)*c{2,}",
        "(?i)é",
    ] {
        assert!(Stepwise::compile(pattern).is_some(), "{pattern}");
    }
    for pattern in [r"(a)\1", "(a*)*", "a++", r"(?<!a|bc)d", &"(a|b){1000}".repeat(20)] {
        assert!(Stepwise::compile(pattern).is_none(), "{pattern}");
    }
}

#[test]
fn an_atomic_group_does_not_look_at_what_follows_it() {
    for (pattern, text, found) in
        [("(?>|a)c", "ac", Some(1..2)), ("(?>a*?)c", "ac", Some(1..2)), ("(?=|a)c|ac", "ac", Some(0..2))]
    {
        let stepwise = Stepwise::compile(pattern).unwrap();
        let Search::Found(range) = stepwise.find(text, 0) else { panic!("{pattern}") };
        assert_eq!(Some(range), found, "{pattern}");
    }
}

#[test]
fn gives_up_in_time() {
    let text = "x".repeat(200);
    for pattern in ["(?:x+x+)+y", "(?:(?:x|xx)+)+y", "(?:x*?x*?)x*y", "(x+x+)+(?!x)y"] {
        let stepwise = Stepwise::compile(pattern);
        assert!(stepwise.is_none_or(|stepwise| !matches!(stepwise.find(&text, 0), Search::Found(_))));
    }
    let long = "ab".repeat(1 << 20);
    let stepwise = Stepwise::compile("(?:(a)(b))*c").unwrap();
    assert!(!matches!(stepwise.find(&long, 0), Search::Found(_)));
}
