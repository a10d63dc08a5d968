//! What a script may not take, and that input of any kind ends in an answer: no panic, no overflow of the stack.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

use event::Doc;
use event::doc::Places;
use painless::{Condition, Script};
use proptest::prelude::*;
use serde_json::Value;

fn run(source: &str) -> Result<String, String> {
    let mut places = Places::default();
    let script = Script::compile(source, &Value::Null, &mut places).map_err(|error| error.to_string())?;
    let mut doc = Doc::new();
    doc.adopt(&places.into());
    script.run(&mut doc).map_err(|error| format!("{}: {error}", error.kind))?;
    Ok(doc.json(Doc::SOURCE))
}

#[test]
fn loops_end() {
    let reached =
        "painless_error: The maximum number of statements that can be executed in a loop has been reached.";
    for source in [
        "int i = 0; while (i < 1) { int j = 0 }",
        "for (int i = 0; i < 1; ) { i = 0 }",
        "boolean b = true; do { b = true } while (b)",
        "int i = 0; while (i < 1) { for (x in [1]) { } }",
        "int i = 0; try { while (i < 1) { } } catch (Exception e) { i = 1 }",
        "while (true) { if (params?.a == 1) break; ctx.a = 1 }",
    ] {
        assert_eq!(run(source), Err(reached.to_owned()), "{source}");
    }
    assert_eq!(run("int i = 0; while (i < 999999) i++; ctx.i = i"), Ok(r#"{"i":999999}"#.to_owned()));
}

#[test]
fn calls_end_on_a_small_stack() {
    for source in [
        "int f(int x) { return f(x + 1) } f(1)",
        "def f(def x) { if (x != null) { for (y in [1]) { return [f([[y]])] } } return null } f(1)",
        "def g(def x) { return f(x) } def f(def x) { return g(x) } f(1)",
        "def f(def l) { l.forEach(x -> f(l)); return 1 } f([1])",
        "def f(def l) { l.removeIf(x -> f(l)); return 1 } f([1])",
        "int f(int x) { try { return f(x) } catch (Exception e) { return 1 } } f(1)",
    ] {
        let error = run(source).unwrap_err();
        assert!(error.starts_with("stack_overflow_error"), "{source}: {error}");
    }
    assert_eq!(
        run("int f(int n) { return n == 0 ? 0 : 1 + f(n - 1) } ctx.n = f(60)"),
        Ok(r#"{"n":60}"#.to_owned())
    );
}

#[test]
fn memory_is_bounded() {
    for source in [
        "String s = 'x'; for (int i = 0; i < 100; i++) { s += s }",
        "def s = new StringBuilder('x'); for (int i = 0; i < 100; i++) { s.append(s) }",
        "def l = [1]; for (int i = 0; i < 100; i++) { l.addAll(l) }",
        "ctx.l = ['x']; for (int i = 0; i < 100; i++) { ctx.l.add(ctx.l); ctx['k' + i] = ctx.l }",
        "def a = new int[2000000000]",
        "ctx.s = 'xxxxxxxxxx'.repeat(200000000)",
        "String s = 'a'; for (int i = 0; i < 100; i++) { s = s.replace('a', 'aa') }",
        "String s = 'a'; for (int i = 0; i < 100; i++) { s = String.join(s, [s, s, s]) }",
        "String s = 'a'; for (int i = 0; i < 100; i++) { s = s.concat(s) }",
        "String s = 'a'; for (int i = 0; i < 100; i++) { s = /a/.matcher(s).replaceAll('aa') }",
        "int i = 0; while (i < 1) { try { throw new Exception('x') } catch (Exception e) { } }",
    ] {
        let error = run(source).unwrap_err();
        assert!(error.starts_with("out_of_memory_error"), "{source}: {error}");
    }
}

#[test]
fn nesting_is_bounded() {
    let error = run("def root = [:]; def at = root; for (int i = 0; i < 5000; i++) { def n = [:]; at.a = n; at = n } ctx.r = root")
        .unwrap_err();
    assert_eq!(error, "illegal_argument_exception: lists and maps are nested deeper than 1000 levels");
    let deep = "def at = [:]; for (int i = 0; i < 5000; i++) { at = ['a': at] }";
    for use_of_it in ["ctx.t = at.toString()", "ctx.a = at; ctx.b = ctx.a", "ctx.t = 'x' + at", "ctx.t = at"]
    {
        assert!(run(&format!("{deep} {use_of_it}")).unwrap_err().contains("nested deeper"), "{use_of_it}");
    }
    assert_eq!(run(&format!("{deep} ctx.t = at == ['a': at]")).unwrap(), r#"{"t":false}"#);
    for (open, close) in [("(", ")"), ("[", "]"), ("!", ""), ("- ", ""), ("{", "}"), ("ctx[", "]")] {
        for times in [40, 200, 20_000] {
            let source = format!("{}ctx.a{}", open.repeat(times), close.repeat(times));
            match Script::compile(&source, &Value::Null, &mut Places::default()) {
                Ok(_) => assert_eq!(times, 40, "{open}"),
                Err(error) if times == 40 => panic!("{open}: {error}"),
                Err(_) => {}
            }
        }
    }
    for chain in [".a", "?.a", "[0]", " + 1", " - 1", ".size()", " ? 1 : 2", " instanceof Map"] {
        let source = format!("ctx.z = ctx.a{}", chain.repeat(9_000 / chain.len()));
        let error = Script::compile(&source, &Value::Null, &mut Places::default())
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains("nested deeper than 100 levels"), "{chain}: {error}");
    }
}

#[test]
fn long_lists_are_not_deep() {
    for (part, glue) in [("ctx.a == 1", " || "), ("ctx.a != 1", " && ")] {
        let source = vec![part; 3_000].join(glue);
        let condition = Condition::compile(&source, &Value::Null, &mut Places::default()).unwrap();
        assert_eq!(condition.test(&mut Doc::new()), Ok(glue == " && "));
    }
    let arms: Vec<String> = (0..1_000).map(|at| format!("if (ctx.a == {at}) {{ ctx.b = {at} }}")).collect();
    assert_eq!(run(&format!("ctx.a = 999; {}", arms.join(" else "))), Ok(r#"{"a":999,"b":999}"#.to_owned()));
    assert!(run(&" ".repeat(70_000)).unwrap_err().contains("Scripts may be no longer than 65535 bytes"));
}

#[test]
fn patterns_that_backtrack_are_given_up() {
    let error = run(
        "ctx.t = /(?=x)(x+x+)+y\\1/.matcher('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx').find()",
    );
    assert!(error.unwrap_err().starts_with("illegal_argument_exception: regular expression"));
}

/// Pieces that make many sentences of the language and more that are none.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "ctx",
        "params",
        ".a",
        "?.b",
        "['c']",
        "[0]",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ":",
        "[:]",
        ",",
        ";",
        "+",
        "-",
        "*",
        "/",
        "%",
        "==",
        "!=",
        "===",
        "<",
        ">=",
        "&&",
        "||",
        "!",
        "~",
        "?",
        "?:",
        "=",
        "+=",
        "++",
        "--",
        "<<",
        ">>>",
        "&",
        "|",
        "^",
        "=~",
        "==~",
        "->",
        "::",
        "x",
        "y",
        "1",
        "2L",
        "1.5",
        "0",
        "'s'",
        "\"t\"",
        "/r/",
        "null",
        "true",
        "false",
        "def",
        "int",
        "String",
        "List",
        "Map",
        "void",
        "if",
        "else",
        "for",
        "while",
        "do",
        "in",
        "return",
        "break",
        "continue",
        "throw",
        "try",
        "catch",
        "new",
        "ArrayList",
        "HashMap",
        "Exception",
        "instanceof",
        "this",
        "Math",
        ".add(1)",
        ".get(0)",
        ".size()",
        ".contains('s')",
        ".entrySet()",
        ".removeIf(x -> x == 1)",
        ".put('k', ctx)",
        ".length",
        ".toString()",
        "Objects::isNull",
        "(int)",
        "(String)",
        "é",
        "\n",
        "//",
        "/*",
        "'",
        "\\",
    ]);
    prop::collection::vec(piece, 0..25).prop_map(|pieces| pieces.join(" "))
}

fn anything(source: &str, json: &str) {
    let mut doc = Doc::new();
    let root = doc.parse_str(json).unwrap();
    doc.set_data(Doc::SOURCE, doc.data(root));
    let mut places = Places::default();
    let condition = Condition::compile(source, &Value::Null, &mut places);
    let script = Script::compile(source, &Value::Null, &mut places);
    doc.adopt(&places.into());
    if let Ok(condition) = condition {
        let before = doc.json(Doc::SOURCE);
        drop(condition.test(&mut doc));
        assert_eq!(doc.json(Doc::SOURCE), before);
    }
    if let Ok(script) = script {
        drop(script.run(&mut doc));
        serde_json::from_str::<Value>(&doc.json(Doc::SOURCE)).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_ends_in_an_answer(source in "\\PC{0,60}|[a-z0-9.()\\[\\]{}+=!?:;'/ \n-]{0,80}") {
        anything(&source, r#"{"a":{"b":[1,"x"]},"c":null}"#);
    }

    #[test]
    fn any_row_of_tokens_ends_in_an_answer(source in pieces()) {
        anything(&source, r#"{"a":[1,{"b":"s"}],"b":{"c":[0]},"c":{"a":null}}"#);
    }
}
