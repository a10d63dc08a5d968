//! The language: what statements and expressions do to a document.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

mod table;

use event::doc::Places;
use painless::Script;
use table::check;

#[test]
fn fields_are_written() {
    check(&[
        ("ctx.z = 1", "{}", Ok(r#"{"z":1}"#)),
        ("ctx['a-b'] = 'x'", "{}", Ok(r#"{"a-b":"x"}"#)),
        ("ctx.a.b = ctx.c", r#"{"a":{},"c":[1]}"#, Ok(r#"{"a":{"b":[1]},"c":[1]}"#)),
        (
            "ctx.z = ctx.a++; ctx.b += 5; ctx.c = ++ctx.a",
            r#"{"a":1,"b":2}"#,
            Ok(r#"{"a":3,"b":7,"z":1,"c":3}"#),
        ),
        ("ctx.l[1] = 9; ctx.l[-1] = 8", r#"{"l":[1,2,3]}"#, Ok(r#"{"l":[1,9,8]}"#)),
        ("ctx._index = 'other'; ctx.z = ctx._index + ctx._id", "{}", Ok(r#"{"z":"otherd1"}"#)),
        ("ctx.z = ctx.remove('a')", r#"{"a":{"b":[1,2]}}"#, Ok(r#"{"z":{"b":[1,2]}}"#)),
        ("def m = ctx.m; m.a = 5;", r#"{"m":{"b":1}}"#, Ok(r#"{"m":{"b":1,"a":5}}"#)),
        ("ctx.z = params.t.x; ctx.z.add(params.n)", "{}", Ok(r#"{"z":["y",5]}"#)),
        (
            "ctx.a.b = 1",
            "{}",
            Err("null_pointer_exception: cannot access method/field [b] from a null def reference"),
        ),
        (
            "ctx.a.b = 1",
            r#"{"a":"x"}"#,
            Err("illegal_argument_exception: dynamic setter [java.lang.String, b] not found"),
        ),
        ("params.y = 1", "{}", Err("unsupported_operation_exception: unsupported_operation_exception")),
        (
            "ctx.l[3] = 1",
            r#"{"l":[1]}"#,
            Err("index_out_of_bounds_exception: Index 3 out of bounds for length 1"),
        ),
    ]);
}

#[test]
fn what_is_put_into_a_second_place_is_copied() {
    let cycle = Err("illegal_argument_exception: Iterable object is self-referencing itself (ingest script)");
    check(&[
        ("def l = [1]; ctx.z = l; l.add(2); ctx.y = l; l.add(3)", "{}", Ok(r#"{"z":[1,2,3],"y":[1,2]}"#)),
        ("def l = ctx.remove('a'); ctx.b = l; l.add(2)", r#"{"a":[1]}"#, Ok(r#"{"b":[1,2]}"#)),
        ("def l = []; l.add(l)", "{}", cycle),
        ("def a = [:]; def b = ['a': a]; a.b = b", "{}", cycle),
        ("ctx.z = ctx", "{}", cycle),
    ]);
}

#[test]
fn statements_do_what_javas_do() {
    check(&[
        (
            "for (def i = 0; i < 3; i++) { if (i == 1) continue; ctx['i' + i] = 1; if (i == 2) break; }",
            "{}",
            Ok(r#"{"i0":1,"i2":1}"#),
        ),
        ("for (int i = 0, j = 5; i < 2; ++i) { ctx['f' + i] = j }", "{}", Ok(r#"{"f0":5,"f1":5}"#)),
        ("do { ctx.n = ctx.n + 1 } while (ctx.n < 5)", r#"{"n":0}"#, Ok(r#"{"n":5}"#)),
        ("int n = 0; while (n < 3) n++; ctx.n = n", "{}", Ok(r#"{"n":3}"#)),
        ("for (x in ctx.l) ctx.s += x", r#"{"l":[1,2],"s":0}"#, Ok(r#"{"l":[1,2],"s":3}"#)),
        ("for (String x : ['a']) { ctx.z = x }", "{}", Ok(r#"{"z":"a"}"#)),
        (
            "if (ctx.a == 1) ctx.z = 1; else if (ctx.a == 2) ctx.z = 2; else ctx.z = 3",
            r#"{"a":2}"#,
            Ok(r#"{"a":2,"z":2}"#),
        ),
        ("def x; int y; ctx.x = x; ctx.y = y", "{}", Ok(r#"{"x":null,"y":0}"#)),
        ("int f(int n) { return n < 2 ? 1 : n * f(n - 1) } ctx.z = f(5)", "{}", Ok(r#"{"z":120}"#)),
        ("void put(def m, String k) { m[k] = 1; return; } put(ctx, 'k')", "{}", Ok(r#"{"k":1}"#)),
        ("int x = 7; x /= 2; x += 1.9; x <<= 2; ctx.z = x", "{}", Ok(r#"{"z":16}"#)),
        (
            "try { Integer.parseInt('x') } catch (NumberFormatException e) { ctx.z = e.getMessage() }",
            "{}",
            Ok(r#"{"z":"For input string: \"x\""}"#),
        ),
        (
            "try { throw new IllegalStateException('no') } catch (IllegalArgumentException e) { ctx.z = 1 } catch (Exception e) { ctx.z = e.toString() }",
            "{}",
            Ok(r#"{"z":"java.lang.IllegalStateException: no"}"#),
        ),
        ("throw new Exception('boo')", "{}", Err("exception: boo")),
        ("throw new RuntimeException()", "{}", Err("runtime_exception: runtime_exception")),
        ("/* a */ ctx.z = 1 // b", "{}", Ok(r#"{"z":1}"#)),
    ]);
}

#[test]
fn declared_types_hold() {
    check(&[
        ("long x = ctx.a; double y = x; ctx.z = y", r#"{"a":5}"#, Ok(r#"{"a":5,"z":5.0}"#)),
        (
            "ctx.z = (int) 5.7; ctx.y = (byte) 300; ctx.x = (long) -1.5; ctx.w = (char) 65",
            "{}",
            Ok(r#"{"z":5,"y":44,"x":-1,"w":"A"}"#),
        ),
        (
            "int x = ctx.a",
            r#"{"a":5000000000}"#,
            Err("class_cast_exception: cannot implicitly cast def [long] to int"),
        ),
        (
            "String x = ctx.a",
            r#"{"a":5}"#,
            Err("class_cast_exception: cannot implicitly cast def [int] to java.lang.String"),
        ),
        (
            "List x = ctx.a",
            r#"{"a":{}}"#,
            Err("class_cast_exception: class java.util.HashMap cannot be cast to class java.util.List \
                 (java.util.HashMap and java.util.List are in module java.base of loader 'bootstrap')"),
        ),
    ]);
}

#[test]
fn walking_a_collection_that_changes_is_an_error() {
    let changed = Err("concurrent_modification_exception: concurrent_modification_exception");
    check(&[
        ("for (x in ctx.l) { ctx.l.add(1) }", r#"{"l":[1,2,3]}"#, changed),
        // Java's lists do not notice when the last but one element goes.
        ("for (x in ctx.l) { ctx.l.remove(0) }", r#"{"l":[1,2]}"#, Ok(r#"{"l":[2]}"#)),
        ("for (e in ctx.m.entrySet()) { ctx.m.remove(e.getKey()) }", r#"{"m":{"a":1,"b":2}}"#, changed),
        (
            "for (e in ctx.m.entrySet()) { e.setValue(5) }",
            r#"{"m":{"a":1,"b":[]}}"#,
            Ok(r#"{"m":{"a":5,"b":5}}"#),
        ),
        (
            "for (k in ctx.m.keySet()) { ctx.m[k] = [k]; ctx.m.b = 1 }",
            r#"{"m":{"a":1,"b":2}}"#,
            Ok(r#"{"m":{"a":["a"],"b":1}}"#),
        ),
        ("for (x in ctx.l) { ctx.o.add(x) }", r#"{"l":[1,2],"o":[]}"#, Ok(r#"{"l":[1,2],"o":[1,2]}"#)),
        (
            "def it = ctx.l.iterator(); while (it.hasNext()) { if (it.next() > 1) it.remove() }",
            r#"{"l":[1,2,3,1]}"#,
            Ok(r#"{"l":[1,1]}"#),
        ),
        (
            "def it = ctx.m.entrySet().iterator(); while (it.hasNext()) { if (it.next().value == null) it.remove() }",
            r#"{"m":{"a":null,"b":1}}"#,
            Ok(r#"{"m":{"b":1}}"#),
        ),
        ("ctx.l.removeIf(x -> { ctx.l.add(1); return false })", r#"{"l":[1]}"#, changed),
    ]);
}

#[test]
fn collections_and_lambdas() {
    check(&[
        ("ctx.m.values().removeIf(Objects::isNull)", r#"{"m":{"a":null,"b":1}}"#, Ok(r#"{"m":{"b":1}}"#)),
        ("ctx.entrySet().removeIf(e -> e.getValue() == null)", r#"{"a":null,"b":1}"#, Ok(r#"{"b":1}"#)),
        ("int n = 2; ctx.l.removeIf(x -> x == n)", r#"{"l":[1,2]}"#, Ok(r#"{"l":[1]}"#)),
        ("ctx.z = [3,1,2]; ctx.z.sort((a, b) -> b - a)", "{}", Ok(r#"{"z":[3,2,1]}"#)),
        (
            "ctx.z = ['b','a']; Collections.sort(ctx.z); Collections.reverse(ctx.z)",
            "{}",
            Ok(r#"{"z":["b","a"]}"#),
        ),
        (
            "def s = new HashSet(); s.add('b'); s.add('a'); s.add('b'); ctx.n = s.size(); ctx.z = new ArrayList(s)",
            "{}",
            Ok(r#"{"n":2,"z":["b","a"]}"#),
        ),
        (
            "ctx.z = 'a,b'.splitOnToken(','); ctx.y = 'a,b'.splitOnToken(',')[1]; ctx.n = 'a,b'.splitOnToken(',').length",
            "{}",
            Ok(r#"{"z":["a","b"],"y":"b","n":2}"#),
        ),
        (
            "def s = new StringBuilder(); s.append('a').append(1).append(1.5).append(null); ctx.z = s.toString()",
            "{}",
            Ok(r#"{"z":"a11.5null"}"#),
        ),
        (
            "Map m = new HashMap(); m['a'] = 1; ctx.y = m.putIfAbsent('a', 9); ctx.x = m.getOrDefault('c', 7); ctx.z = m",
            "{}",
            Ok(r#"{"y":1,"x":7,"z":{"a":1}}"#),
        ),
        (
            "ctx.z = [1,2,3].subList(1, 3); ctx.z.add(0, 7); ctx.y = ctx.z.indexOf(3)",
            "{}",
            Ok(r#"{"z":[7,2,3],"y":2}"#),
        ),
        ("ctx.putAll(['x': 1, 'y': ctx.a])", r#"{"a":{}}"#, Ok(r#"{"a":{},"x":1,"y":{}}"#)),
        ("ctx.z = String.join('-', ['a', 'b'])", "{}", Ok(r#"{"z":"a-b"}"#)),
        (r"ctx.y = /(\d)x/.matcher('1x2x').replaceAll('<$1>')", "{}", Ok(r#"{"y":"<1><2>"}"#)),
        (
            r"def m = /a(.)c/.matcher(ctx.a); if (m.find()) { ctx.z = m.group(1); ctx.y = m.start() }",
            r#"{"a":"xabc"}"#,
            Ok(r#"{"a":"xabc","z":"b","y":1}"#),
        ),
        ("ctx.z = 'a1b2'.replaceAll(/[0-9]/, m -> '<' + m.group() + '>')", "{}", Ok(r#"{"z":"a<1>b<2>"}"#)),
        ("int[] a = new int[2]; a[1] = 4; ctx.z = a; ctx.n = a.length", "{}", Ok(r#"{"z":[0,4],"n":2}"#)),
        (
            "ctx.z = Math.max(1, 2.5); ctx.y = Math.round(2.5); ctx.x = Math.floorMod(-1, 3)",
            "{}",
            Ok(r#"{"z":2.5,"y":3,"x":2}"#),
        ),
        (
            "ctx.z = Long.parseLong('12') + Double.parseDouble('1.5'); ctx.y = Integer.parseInt('ff', 16)",
            "{}",
            Ok(r#"{"z":13.5,"y":255}"#),
        ),
        (
            "ctx.z = ctx.d.toString() + ctx.e",
            r#"{"d":1.10,"e":1e10}"#,
            Ok(r#"{"d":1.10,"e":1e10,"z":"1.11.0E10"}"#),
        ),
    ]);
}

#[test]
fn functions_name_their_own_variables() {
    check(&[
        ("void f(Map ctx) { ctx.b = 1 } f(ctx.a)", r#"{"a":{}}"#, Ok(r#"{"a":{"b":1}}"#)),
        ("int f(def params) { return params.n + 1 } ctx.z = f(['n': 1]) + params.n", "{}", Ok(r#"{"z":7}"#)),
        ("def f(def m) { def ctx = [m]; return ctx } ctx.z = f(1)", "{}", Ok(r#"{"z":[1]}"#)),
    ]);
    let params = serde_json::json!({});
    for source in ["def ctx = 1", "ctx.l.removeIf(params -> true)", "for (def ctx : [1]) { ctx.a = 1 }"] {
        let refused = Script::compile(source, &params, &mut Places::default());
        assert!(refused.err().unwrap().to_string().contains("is already defined"), "{source}");
    }
}
