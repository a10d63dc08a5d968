//! Values of documents, by what they look like.

use serde_json::{Map, Value, json};

use super::dice::Dice;

/// What a field holds, most of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Truth,
    List,
    Object,
    /// A text that may be a number, a truth value or an address.
    Written,
    Date,
    Address,
    Json,
    Csv,
    Pairs,
    Log,
    Html,
    Encoded,
    Size,
    Agent,
}

impl Kind {
    pub(super) const ALL: [Self; 16] = [
        Self::Text,
        Self::Number,
        Self::Truth,
        Self::List,
        Self::Object,
        Self::Written,
        Self::Date,
        Self::Address,
        Self::Json,
        Self::Csv,
        Self::Pairs,
        Self::Log,
        Self::Html,
        Self::Encoded,
        Self::Size,
        Self::Agent,
    ];
}

const TEXTS: &[&str] = &[
    "",
    " ",
    "x",
    "y",
    "abc",
    "Hello World",
    "  padded\t",
    "a,b;c",
    "a-b-c",
    "a.b.c",
    "ÄÖÜ straße",
    "İstanbul ıI",
    "日本語",
    "😀",
    "\u{1F468}\u{200D}\u{1F469}",
    "שלום",
    "\u{a0}nbsp\u{a0}",
    "\u{2003}em",
    "a\nb\r\nc",
    "tab\there",
    "\u{0}",
    "\u{7f}",
    "{{a}}",
    "{{{b}}}",
    "{{",
    "\"quoted\"",
    "back\\slash",
    "null",
    "ΑΣ",
    "ß",
    "ﬁ",
    "a b c d e f g",
    "the quick brown fox jumps over the lazy dog",
    "_id",
    "$1",
    "%{x}",
    "ctx.a",
    "__",
    "0",
];

const WRITTEN: &[&str] = &[
    "5",
    "-7",
    "+3",
    "0",
    "-0",
    "007",
    "0x1F",
    "-0x10",
    "0X",
    "1.5",
    "-2.50",
    ".5",
    "5.",
    "1e3",
    "1E-2",
    "NaN",
    "Infinity",
    "-Infinity",
    "1.5f",
    "2d",
    "3L",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "2147483648",
    "1e400",
    "1_000",
    " 5",
    "5 ",
    "0b1",
    "true",
    "false",
    "True",
    "TRUE",
    "yes",
    "1,5",
    "#1F",
    "010",
    "3.4028236e38",
    "1.2.3.4",
    "::1",
    "1.2.3",
    "true ",
    "123456789012345678901234567890",
    "0.1",
    "1e-400",
    "16777217",
];

const DATES: &[&str] = &[
    "2024-02-29T12:34:56.789Z",
    "2024-02-30T00:00:00Z",
    "2024-01-02",
    "2024-01-02T03:04:05",
    "2024-01-02T03:04:05+02:00",
    "2024-01-02T03:04:05.123456789Z",
    "2024-W01-1",
    "2024-123",
    "2024-01",
    "2024",
    "1700000000",
    "1700000000123",
    "1700000000.5",
    "-1",
    "0",
    "01/02/2024",
    "2/1/2024 3:04",
    "02/Jan/2024:03:04:05 +0100",
    "Jan  2 03:04:05",
    "Jan 12 03:04:05",
    "Tue, 02 Jan 2024 03:04:05 +0000",
    "Tuesday, January 2, 2024 3:04 PM",
    "2024-01-02 03:04:05,678",
    "20240102",
    "20240102T030405Z",
    "12:34",
    "@4000000050d506482dbdf024",
    "4000000050d506482dbdf024",
    "24/01/02",
    "2024-03-31T02:30:00",
    "2024-10-27T02:30:00",
    "2024-12-31T23:59:60Z",
    "2024-01-02T24:00:00",
    "12 Mai 2024",
    "2024-1-2",
    "31/12/2023 11:59 pm",
    "2024-01-02T03:04:05 Europe/Berlin",
    "2024-01-02T03:04Z",
    "x",
];

const ADDRESSES: &[&str] = &[
    "1.2.3.4",
    "127.0.0.1",
    "10.0.0.1",
    "192.168.1.255",
    "81.2.69.142",
    "89.160.20.128",
    "216.160.83.56",
    "175.16.199.1",
    "::1",
    "2001:218::1",
    "2a02:f400::",
    "fe80::1",
    "::ffff:81.2.69.142",
    "2001:db8::ff00:42:8329",
    "256.1.1.1",
    "1.2.3",
    "localhost",
    "",
    "81.2.69.142 ",
    "2.125.160.216",
    "67.43.156.1",
    "01.2.3.4",
    "1.2.3.4:80",
];

const JSONS: &[&str] = &[
    "{\"a\":1,\"b\":{\"c\":[1,2]}}",
    "[1,\"x\",null]",
    "\"text\"",
    "5",
    "1.50",
    "-0",
    "1e5",
    "true",
    "null",
    "",
    " ",
    "{}",
    "[]",
    "{\"a\":1",
    "{\"a\":1}x",
    "{'a':1}",
    "{\"a.b\":1}",
    "{\"a\":null,\"\":2}",
    "{\"ü\":\"\\u00e9\\n\"}",
    "[",
    "nul",
    "01",
    "{\"big\":12345678901234567890}",
    "{\"a\":{\"a\":{\"a\":{}}}}",
    "{\"x\":0.1,\"y\":1e300}",
    "  {\"a\" : [ ] }  ",
    "x",
    "{\"_id\":\"7\"}",
];

const CSVS: &[&str] = &[
    "a,b,c",
    "a;b;c",
    "a\tb\tc",
    "\"a,b\",c",
    "\"a\"\"b\",c",
    " x , y ,z",
    ",,",
    "a,,c",
    "",
    "\"open",
    "a\"b,c",
    "a,b,c,d,e",
    "ä,ö",
    "'a,b',c",
    "\"\",x",
    "1,2",
    "a b c",
    "a|b|c",
    "x\ny,z",
];

const PAIRS: &[&str] = &[
    "a=1 b=2 c=3",
    "a=1&b=2",
    "a:1;b:2",
    "k=v",
    "a=1 a=2",
    "a=1 b",
    "a=(1) b=[2] c=\"3\"",
    "=1",
    "a=",
    "a.b=1 a.c=2",
    "_a_='x' b=\"y\"",
    "user=jo ip=1.2.3.4 msg=hello",
    "",
    "a==b",
    "é=ü",
    "a=1  b=2",
    "level=INFO\tcode=5",
];

const LOGS: &[&str] = &[
    "55.3.244.1 GET /index.html 15824 0.043",
    "1.2.3.4 - frank [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200 2326 \"http://www.example.com/start.html\" \"Mozilla/4.08 [en]\"",
    "::1 - - [10/Oct/2000:13:55:36 +0000] \"POST /a?b=c HTTP/1.1\" 404 -",
    "Oct 11 22:14:15 mymachine su[123]: 'su root' failed for lonvick on /dev/pts/8",
    "2024-01-02T03:04:05.678Z INFO [main] com.example.App - started in 5.3 s",
    "2024-01-02 03:04:05,678 WARN  disk at 91%",
    "[ERROR] 2024/01/02 03:04:05 user=jo: é 😀",
    "a b c",
    "12 ab",
    "key=value",
    "",
    "GET /x HTTP/1.1",
    "jo@example.com logged in from 10.0.0.1:443",
    "x:y",
    "  two  spaces ",
    "at com.example.Foo.bar(Foo.java:42)",
    "-12.5 0xff",
    "a\nb",
    "https://me:pw@example.com:8080/a/b?c=d#e",
];

const HTML: &[&str] = &[
    "<p>Hello <b>World</b></p>",
    "a &amp; b &lt;c&gt;",
    "&eacute;&#233;&#xe9;",
    "<br/>x<br>",
    "<!-- c -->y",
    "<script>x</script>z",
    "1 < 2 > 0",
    "<a href=\"x>y\">l</a>",
    "&nope; &amp",
    "plain",
    "",
    "<",
    "<p",
    "</p>",
    "<![CDATA[x]]>",
    "&#0; &#x110000;",
    "<ü>",
    "x<style>a{}</style>",
];

const ENCODED: &[&str] = &[
    "a%20b+c",
    "%C3%A9",
    "%zz",
    "%",
    "%2",
    "%E2%82",
    "a%2Bb",
    "plain",
    "",
    "%ff",
    "é%20",
    "%00",
    "http%3A%2F%2Fx.y%2F%3Fa%3Db",
    "100%",
    "%u0041",
];

const SIZES: &[&str] = &[
    "1kb",
    "1 kb",
    "5",
    "5b",
    "1.5mb",
    "10GB",
    "1TB",
    "2pb",
    "1k",
    "1m",
    "kb",
    "",
    "-1",
    "-1kb",
    "0",
    "1e3kb",
    "9223372036854775807b",
    "8192pb",
    "1KB ",
    "0b",
];

const AGENTS: &[&str] = &[
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/33.0.1750.149 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 12_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.0 Mobile/15E148 Safari/604.1",
    "curl/7.64.1",
    "Wget/1.20.3 (linux-gnu)",
    "python-requests/2.25.1",
    "",
    "x",
];

/// A value of a kind.
pub(super) fn value(kind: Kind, dice: &mut Dice) -> Value {
    let texts = match kind {
        Kind::Text => TEXTS,
        Kind::Written => WRITTEN,
        Kind::Date => DATES,
        Kind::Address => ADDRESSES,
        Kind::Json => JSONS,
        Kind::Csv => CSVS,
        Kind::Pairs => PAIRS,
        Kind::Log => LOGS,
        Kind::Html => HTML,
        Kind::Encoded => ENCODED,
        Kind::Size => SIZES,
        Kind::Agent => AGENTS,
        Kind::Number => return number(dice),
        Kind::Truth => return Value::Bool(dice.percent(50)),
        Kind::List => return list(dice),
        Kind::Object => return object(dice, 2),
    };
    // Two of them in one, now and then: texts that nobody thought of.
    match dice.below(12) {
        0 => Value::String(dice.text(texts) + &dice.text(texts)),
        1 => Value::String(dice.text(texts) + &dice.text(TEXTS)),
        _ => Value::String(dice.text(texts)),
    }
}

/// A value of any kind, null among them.
pub(super) fn any(dice: &mut Dice) -> Value {
    if dice.percent(10) {
        return Value::Null;
    }
    let kind = dice.pick(&Kind::ALL);
    value(kind, dice)
}

fn number(dice: &mut Dice) -> Value {
    let small = i64::try_from(dice.below(2000)).unwrap_or_default() - 1000;
    match dice.below(10) {
        0 => json!(0),
        1 => json!(dice.integer()),
        2 => json!(dice.pick(&[
            i64::from(i32::MAX),
            i64::from(i32::MIN),
            1 << 31,
            i64::MAX,
            i64::MIN,
            1_700_000_000
        ])),
        3 => json!(dice.pick(&[
            0.1,
            -0.0,
            1.0,
            1e10,
            1e-5,
            1e300,
            1.5,
            123_456_789.123,
            1e7,
            0.001,
            3.0e-4,
            1e15,
            1e16
        ])),
        4 => json!(small as f64 / 8.0),
        5 => json!(1_700_000_000_000_i64 + small),
        _ => json!(small),
    }
}

/// A list of one kind, or of several.
fn list(dice: &mut Dice) -> Value {
    let kind =
        dice.pick(&[Kind::Text, Kind::Number, Kind::Written, Kind::Object, Kind::Truth, Kind::Address]);
    let length = dice.pick(&[0, 1, 1, 2, 2, 3, 3, 5]);
    let elements = (0..length).map(|_| if dice.percent(12) { any_leaf(dice) } else { value(kind, dice) });
    Value::Array(elements.collect())
}

fn any_leaf(dice: &mut Dice) -> Value {
    let kind = dice.pick(&[Kind::Text, Kind::Number, Kind::Truth, Kind::Written, Kind::Date]);
    if dice.percent(20) { Value::Null } else { value(kind, dice) }
}

/// An object, at most so many levels deep.
fn object(dice: &mut Dice, depth: usize) -> Value {
    let mut fields = Map::new();
    for _ in 0..dice.pick(&[0, 1, 1, 2, 3]) {
        let name = dice.text(&["a", "b", "c", "x", "y", "a.b", "ü", "0"]);
        let inner = match dice.below(6) {
            0 if depth > 0 => object(dice, depth - 1),
            1 if depth > 0 => list(dice),
            _ => any_leaf(dice),
        };
        fields.insert(name, inner);
    }
    Value::Object(fields)
}
