//! What happens when: operands, loops that are left early, and what is read before it changes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

use event::Doc;
use event::doc::Places;
use painless::Script;

/// The source after the script, or where the exception was thrown, its kind and message.
fn run(source: &str, json: &str) -> Result<String, String> {
    let params = serde_json::json!({"n": 5, "l": [1, 2], "t": {"x": ["y"], "w": 3}});
    let mut places = Places::default();
    let script =
        Script::compile(source, &params, &mut places).unwrap_or_else(|error| panic!("{source}: {error}"));
    let mut doc = Doc::new();
    doc.adopt(&places.into());
    let root = doc.parse_str(json).unwrap();
    doc.set_data(Doc::SOURCE, doc.data(root));
    script.run(&mut doc).map_err(|error| format!("{} {}: {error}", error.offset, error.kind))?;
    Ok(doc.json(Doc::SOURCE))
}

fn check(json: &str, table: &[(&str, Result<&str, &str>)]) {
    for (source, after) in table {
        let after = after.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(run(source, json), after, "{source} on {json}");
    }
}

#[test]
fn operands_are_evaluated_in_the_order_they_are_written_in() {
    check(
        "{}",
        &[
            ("int x = 1; ctx.z = x + (x = 5) + x", Ok(r#"{"z":11}"#)),
            ("int x = 1; ctx.z = [x, x = 2, x++, x]", Ok(r#"{"z":[1,2,2,3]}"#)),
            ("int x = 1; x += (x = 5); ctx.z = x", Ok(r#"{"z":6}"#)),
            ("int x = 1; ctx.z = x == (x = 2) || x < (x = 1)", Ok(r#"{"z":false}"#)),
            ("String s = 'ab'; ctx.z = s.indexOf(s = 'b')", Ok(r#"{"z":1}"#)),
            ("def l = [1, 2]; int i = 0; ctx.z = l[i] + l[i = 1] + l[i]", Ok(r#"{"z":5}"#)),
            ("def l = [1, 2]; int i = 0; l[i] = i = 1; ctx.z = l", Ok(r#"{"z":[1,2]}"#)),
            ("def m = [:]; m = ['a': m]; ctx.z = m", Ok(r#"{"z":{"a":{}}}"#)),
            ("int i = 3; ctx.z = i++ + ++i; ctx.y = i--", Ok(r#"{"z":8,"y":5}"#)),
            ("def f = (a, b) -> a - b; int x = 9; ctx.z = Math.max(x, x = 4)", Ok(r#"{"z":9}"#)),
            ("boolean b = true; b = b && !b; ctx.z = b", Ok(r#"{"z":false}"#)),
            ("def x = null; x = x ?: [x]; ctx.z = x", Ok(r#"{"z":[null]}"#)),
            (
                "def x = 'a'; x = x?.concat(x); def y = null; ctx.z = y?.concat(x = 'b'); ctx.y = x",
                Ok(r#"{"z":null,"y":"aa"}"#),
            ),
        ],
    );
    check(
        r#"{"a":1,"c":{"d":2}}"#,
        &[
            ("ctx.z = ctx.a == ctx.remove('a')", Ok(r#"{"c":{"d":2},"z":true}"#)),
            ("ctx.z = [ctx.a, ctx.a = 5, ctx.a]", Ok(r#"{"a":5,"c":{"d":2},"z":[1,5,5]}"#)),
            ("ctx.z = ctx.y = ctx.a", Ok(r#"{"a":1,"c":{"d":2},"y":1,"z":1}"#)),
            (
                "ctx.c.e = ctx.remove('c')",
                Err(
                    "6 illegal_argument_exception: Iterable object is self-referencing itself (ingest script)",
                ),
            ),
            (
                "try { ctx.b.e = ctx.remove('a') } catch (Exception e) { ctx.z = 0 }",
                Ok(r#"{"a":1,"c":{"d":2},"z":0}"#),
            ),
        ],
    );
}

#[test]
fn loops_are_left_for_good() {
    check(
        r#"{"l":[1,2,3],"m":{"a":1}}"#,
        &[
            (
                "int f(def l) { for (x in l) { for (y in l) { if (y == 2) { return x } } } return -1 } \
                 ctx.z = f(ctx.l); ctx.l.add(4); for (x in ctx.l) { ctx.y = x }",
                Ok(r#"{"l":[1,2,3,4],"m":{"a":1},"z":1,"y":4}"#),
            ),
            (
                "for (k in ctx.l) { try { for (x in ctx.m.keySet()) { throw new Exception('' + k) } } \
                 catch (Exception e) { ctx.m.put(e.getMessage(), k) } }",
                Ok(r#"{"l":[1,2,3],"m":{"a":1,"1":1,"2":2,"3":3}}"#),
            ),
            (
                "for (k in ctx.l) { if (k == 1) { continue } ctx.z = k; break } ctx.l.add(0)",
                Ok(r#"{"l":[1,2,3,0],"m":{"a":1},"z":2}"#),
            ),
            (
                "int i = 0; do { i++; if (i == 2) { continue } ctx.z = i } while (i < 3)",
                Ok(r#"{"l":[1,2,3],"m":{"a":1},"z":3}"#),
            ),
            (
                "int i = 0; while (true) { if (i++ > 3) break; } ctx.z = i",
                Ok(r#"{"l":[1,2,3],"m":{"a":1},"z":5}"#),
            ),
            (
                "for (int i = 0; i < 9; i++) { if (i % 2 == 0) continue; ctx.z = i }",
                Ok(r#"{"l":[1,2,3],"m":{"a":1},"z":7}"#),
            ),
            (
                "for (x in ctx.l) { ctx.l.add(x) }",
                Err("0 concurrent_modification_exception: concurrent_modification_exception"),
            ),
            ("for (x in ctx.l) { for (y in ctx.l) { ctx.l = [y]; break } }", Ok(r#"{"l":[1],"m":{"a":1}}"#)),
        ],
    );
}

#[test]
fn constants_are_walked_over() {
    check(
        "{}",
        &[
            ("for (def e : params.t.entrySet()) { ctx[e.getKey()] = e.value }", Ok(r#"{"x":["y"],"w":3}"#)),
            (
                "def l = []; for (e in params.t.entrySet()) { l.add('' + e) } ctx.z = l",
                Ok(r#"{"z":["x=[y]","w=3"]}"#),
            ),
            (
                "for (e in params.t.entrySet()) { for (f in params.t.entrySet()) { if (e == f) { ctx[e.key] = 1 } } }",
                Ok(r#"{"x":1,"w":1}"#),
            ),
            (
                "int n = 0; for (x in params.l) { for (y in params.l) { n += x * y } } ctx.z = n",
                Ok(r#"{"z":9}"#),
            ),
            (
                "def i = params.l.iterator(); int n = 0; while (i.hasNext()) { n += i.next() } ctx.z = n",
                Ok(r#"{"z":3}"#),
            ),
            (
                "for (x in params.t) { }",
                Err("0 illegal_argument_exception: Cannot iterate over [java.util.HashMap]"),
            ),
            (
                "for (int x : ['a']) { }",
                Err("0 class_cast_exception: cannot implicitly cast def [java.lang.String] to int"),
            ),
        ],
    );
}

#[test]
fn variables_take_what_they_are_declared_for() {
    check(
        r#"{"a":"x","b":1}"#,
        &[
            (
                "boolean b = ctx.containsKey('q'); long l = 'xy'.length(); String s = ctx.get('q'); double d = ctx.get('b'); \
                 ctx.z = [b, l, s, d]",
                Ok(r#"{"a":"x","b":1,"z":[false,2,null,1.0]}"#),
            ),
            (
                "int i = ctx.remove('a')",
                Err("4 class_cast_exception: cannot implicitly cast def [java.lang.String] to int"),
            ),
            (
                "int i = ctx.get('q')",
                Err(
                    "4 null_pointer_exception: Cannot invoke \"Object.getClass()\" because \"value\" is null",
                ),
            ),
            ("if (ctx.get('b')) { }", Err("8 class_cast_exception: cannot cast def [int] to boolean")),
            (
                "String s = ctx.a; try { s = ctx.get('b') } catch (Exception e) { } ctx.z = s",
                Ok(r#"{"a":"x","b":1,"z":"x"}"#),
            ),
            (
                "char c; ctx.z = c == 0; byte b = 5; b += 300; ctx.y = b",
                Ok(r#"{"a":"x","b":1,"z":true,"y":49}"#),
            ),
        ],
    );
}
