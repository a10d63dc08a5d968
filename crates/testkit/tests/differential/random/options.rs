//! Options of every processor that OpenSearch shares, most of which do something to the documents of the chain.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::documents::Schema;
use super::painless;
use super::values::{self, Kind};

type Options = Map<String, Value>;

/// The processors whose options are drawn here, and how often each comes, in parts of their sum.
pub(super) const PROCESSORS: &[(&str, usize)] = &[
    ("append", 5),
    ("bytes", 2),
    ("convert", 9),
    ("csv", 4),
    ("date", 6),
    ("date_index_name", 2),
    ("dissect", 6),
    ("dot_expander", 3),
    ("drop", 1),
    ("fail", 1),
    ("geoip", 2),
    ("grok", 6),
    ("gsub", 5),
    ("html_strip", 2),
    ("join", 3),
    ("json", 5),
    ("kv", 5),
    ("lowercase", 2),
    ("remove", 4),
    ("rename", 5),
    ("script", 7),
    ("set", 8),
    ("sort", 3),
    ("split", 4),
    ("trim", 2),
    ("uppercase", 2),
    ("urldecode", 2),
    ("user_agent", 1),
];

/// Options of the processor of this name.
pub(super) fn of(name: &str, schema: &Schema, dice: &mut Dice) -> Options {
    let mut options = Draw { options: Map::new(), schema, dice };
    options.draw(name);
    options.options
}

struct Draw<'a> {
    options: Options,
    schema: &'a Schema,
    dice: &'a mut Dice,
}

impl Draw<'_> {
    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.options.insert(name.to_owned(), value.into());
    }

    /// An option, in so many of a hundred times one of these values.
    fn maybe(&mut self, percent: u32, name: &str, values: &[Value]) {
        if self.dice.percent(percent) {
            let value = self.dice.pick(values);
            self.set(name, value);
        }
    }

    fn flag(&mut self, percent: u32, name: &str) {
        self.maybe(percent, name, &[json!(true), json!(true), json!(false)]);
    }

    fn field(&mut self, kinds: &[Kind]) {
        let field = self.schema.field(kinds, self.dice);
        self.set("field", field);
    }

    fn target(&mut self, percent: u32) {
        if self.dice.percent(percent) {
            let target = self.schema.target(self.dice);
            self.set("target_field", target);
        }
    }

    fn one(&mut self, name: &str, from: &[&str]) {
        let text = self.dice.text(from);
        self.set(name, text);
    }

    /// Some of these texts, in a list.
    fn some(&mut self, name: &str, from: &[&str], most: usize) {
        let count = 1 + self.dice.below(most);
        let texts: Vec<String> = (0..count).map(|_| self.dice.text(from)).collect();
        self.set(name, texts);
    }

    /// A text with fields in it.
    fn template(&mut self) -> String {
        let field = self.schema.any_field(self.dice);
        let field = field.replace(['{', '}'], "").replace("..", ".");
        let field = field.trim_matches('.').to_owned();
        match self.dice.below(8) {
            0 => format!("{{{{{field}}}}}"),
            1 => format!("<{{{{{{{field}}}}}}}>"),
            2 => format!("{{{{#{field}}}}}x{{{{.}}}}{{{{/{field}}}}}"),
            3 => format!("{{{{^{field}}}}}none{{{{/{field}}}}}"),
            4 => format!("{{{{_index}}}}-{{{{{field}}}}}"),
            5 => "{{_ingest.pipeline}}".to_owned(),
            _ => self.dice.text(&["x", "abc", "5", "", "ä", "a b"]),
        }
    }

    fn draw(&mut self, name: &str) {
        match name {
            "append" => {
                self.field(&[Kind::List, Kind::Text, Kind::Number]);
                let value = self.value_or_template();
                self.set("value", value);
                self.flag(40, "allow_duplicates");
            }
            "set" => {
                let field = self.schema.target(self.dice);
                self.set("field", field);
                let value = self.value_or_template();
                self.set("value", value);
                self.flag(25, "override");
                self.flag(25, "ignore_empty_value");
            }
            "fail" => {
                let message = self.template();
                self.set("message", message);
            }
            "drop" => {}
            "script" => {
                let source = painless::script(self.schema, self.dice);
                self.set("source", source);
                self.set("params", json!({"p": 3, "q": {"r": "deep"}, "l": [1.5, "x"]}));
                self.maybe(10, "lang", &[json!("painless")]);
            }
            "remove" => {
                let field = self.schema.any_field(self.dice);
                if self.dice.percent(25) {
                    let other = self.schema.any_field(self.dice);
                    self.set("field", json!([field, other]));
                } else {
                    self.set("field", field);
                }
                self.flag(40, "ignore_missing");
            }
            "rename" => {
                self.field(&[]);
                let target = self.schema.target(self.dice);
                self.set("target_field", target);
                self.flag(30, "ignore_missing");
                self.flag(30, "override");
            }
            "convert" => {
                self.field(&[
                    Kind::Written,
                    Kind::Written,
                    Kind::Number,
                    Kind::Truth,
                    Kind::List,
                    Kind::Address,
                ]);
                self.one(
                    "type",
                    &[
                        "integer", "long", "float", "double", "string", "boolean", "auto", "integer", "long",
                        "double", "ip", "nope",
                    ],
                );
                self.target(40);
                self.flag(30, "ignore_missing");
            }
            "foreach" => {
                self.field(&[Kind::List]);
                self.flag(30, "ignore_missing");
            }
            _ => self.draw_texts(name),
        }
    }

    fn value_or_template(&mut self) -> Value {
        match self.dice.below(10) {
            0..5 => Value::String(self.template()),
            5 => json!([self.template(), 1]),
            6 => json!({"k": self.template(), "n": 2.5}),
            _ => values::any(self.dice),
        }
    }

    /// Processors that read texts.
    fn draw_texts(&mut self, name: &str) {
        match name {
            "bytes" | "html_strip" | "lowercase" | "uppercase" | "trim" | "urldecode" => {
                let kind = match name {
                    "bytes" => Kind::Size,
                    "html_strip" => Kind::Html,
                    "urldecode" => Kind::Encoded,
                    _ => Kind::Text,
                };
                self.field(&[kind, kind, kind, Kind::List]);
                self.target(35);
                self.flag(25, "ignore_missing");
            }
            "gsub" => {
                self.field(&[Kind::Text, Kind::Log, Kind::List, Kind::Written]);
                self.one(
                    "pattern",
                    &[
                        "a",
                        "\\.",
                        "\\s+",
                        "(a)(b)?",
                        "[^a-z]",
                        "^",
                        "$",
                        "x*",
                        "(?i)HELLO",
                        "\\d",
                        "(?<n>\\w)",
                        "\\b",
                        "[\\p{L}]",
                        "é",
                        "(",
                        ".",
                        "(?=b)",
                        "\\p{Alpha}+",
                    ],
                );
                self.one("replacement", &["", "-", "$1", "$0$0", "\\$", "[$2]", "${n}", "x\\\\y", "$9", "é"]);
                self.target(35);
                self.flag(25, "ignore_missing");
            }
            "split" => {
                self.field(&[Kind::Text, Kind::Csv, Kind::Log]);
                self.one("separator", &[",", "\\s+", "", "\\.", "a", "[,;]", "(?=b)", "x?", "\\|", "-"]);
                self.target(35);
                self.flag(25, "ignore_missing");
                self.flag(30, "preserve_trailing");
            }
            "join" => {
                self.field(&[Kind::List]);
                self.one("separator", &["-", "", ", ", "$1", "ü"]);
                self.target(35);
            }
            "sort" => {
                self.field(&[Kind::List]);
                self.maybe(50, "order", &[json!("asc"), json!("desc"), json!("DESC"), json!("up")]);
                self.target(35);
            }
            "json" => {
                self.field(&[Kind::Json, Kind::Json, Kind::Written, Kind::Number]);
                if self.dice.percent(35) {
                    self.set("add_to_root", true);
                    self.target(3);
                } else {
                    self.target(60);
                }
            }
            "dot_expander" => {
                self.one("field", &["d.e", "d.e", "a.b", "x", "p.q", "ü.x", ".", "a.", "d.e.f"]);
                self.maybe(25, "path", &[json!("o"), json!("p"), json!("nope"), json!("a")]);
            }
            _ => self.draw_parsers(name),
        }
    }

    /// Processors that take texts apart.
    fn draw_parsers(&mut self, name: &str) {
        match name {
            "csv" => {
                self.field(&[Kind::Csv]);
                let names = ["out", "r", "a", "b", "c1", "c2", "o2.x", "n"];
                self.some("target_fields", &names, 4);
                self.maybe(
                    35,
                    "separator",
                    &[json!(";"), json!("\t"), json!("|"), json!(" "), json!(",,"), json!("")],
                );
                self.maybe(20, "quote", &[json!("'"), json!("\""), json!("|"), json!("xx")]);
                self.flag(30, "trim");
                self.maybe(25, "empty_value", &[json!("-"), json!(""), json!(0)]);
                self.flag(20, "ignore_missing");
            }
            "kv" => {
                self.field(&[Kind::Pairs, Kind::Pairs, Kind::Log]);
                self.one("field_split", &[" ", "&", ";", "\\s+", "[ &;\\t]+", "(?= )"]);
                self.one("value_split", &["=", ":", "[=:]", "\\s*=\\s*"]);
                self.target(40);
                self.maybe(15, "include_keys", &[json!(["a"]), json!(["a", "b", "user"]), json!([])]);
                self.maybe(15, "exclude_keys", &[json!(["a"]), json!(["b", "c"]), json!([])]);
                self.maybe(20, "prefix", &[json!("p_"), json!("k."), json!("")]);
                self.maybe(20, "trim_key", &[json!("_ "), json!(" "), json!("a")]);
                self.maybe(20, "trim_value", &[json!("'\""), json!(" "), json!("[]()")]);
                self.flag(25, "strip_brackets");
                self.flag(20, "ignore_missing");
            }
            "dissect" => {
                self.field(&[Kind::Log, Kind::Pairs, Kind::Csv]);
                self.one(
                    "pattern",
                    &[
                        "%{out} %{r}",
                        "%{ip} %{method} %{path} %{rest}",
                        "%{a},%{b}",
                        "%{+out/2} %{+out/1}",
                        "%{?skip} %{r}",
                        "%{} %{out}",
                        "%{*k}=%{&k}",
                        "%{a->} %{b}",
                        "%{out}: %{msg}",
                        "[%{level}] %{rest}",
                        "%{+out} %{+out} %{+out}",
                        "%{ts} %{+ts} %{level}",
                        "%{a}",
                        "x",
                        "%{a}%{b}",
                        "%{x.y} %{x.z}",
                        "%{a}ü%{b}",
                        "%{*k}=%{&k} %{*k2}=%{&k2}",
                        "%{a} %{*k}",
                        "%{out}  %{r}",
                        "%{a.b} %{a}",
                    ],
                );
                self.maybe(25, "append_separator", &[json!("-"), json!(""), json!(" ")]);
                self.flag(20, "ignore_missing");
            }
            "grok" => self.draw_grok(),
            "date" | "date_index_name" => self.draw_date(name),
            "geoip" => {
                self.field(&[Kind::Address, Kind::Address, Kind::List]);
                self.target(40);
                self.maybe(
                    40,
                    "database_file",
                    &[
                        json!("GeoLite2-City.mmdb"),
                        json!("GeoLite2-Country.mmdb"),
                        json!("GeoLite2-ASN.mmdb"),
                    ],
                );
                self.maybe(
                    30,
                    "properties",
                    &[
                        json!(["ip"]),
                        json!(["country_iso_code", "continent_name"]),
                        json!(["asn", "ip"]),
                        json!(["city_name", "location", "timezone"]),
                        json!([]),
                    ],
                );
                self.flag(30, "ignore_missing");
                self.flag(30, "first_only");
            }
            "user_agent" => {
                self.field(&[Kind::Agent]);
                self.target(40);
                self.maybe(
                    40,
                    "properties",
                    &[json!(["name"]), json!(["os", "version"]), json!(["ORIGINAL", "device"])],
                );
                self.flag(30, "ignore_missing");
            }
            other => panic!("no options are drawn for {other}"),
        }
    }

    fn draw_grok(&mut self) {
        self.field(&[Kind::Log, Kind::Log, Kind::Text, Kind::Date, Kind::Address]);
        self.some(
            "patterns",
            &[
                "%{IP:client} %{WORD:method} %{URIPATHPARAM:request} %{NUMBER:bytes:int} %{NUMBER:duration:double}", "%{COMMONAPACHELOG}", "%{COMBINEDAPACHELOG}", "%{SYSLOGLINE}",
                "%{TIMESTAMP_ISO8601:ts} %{LOGLEVEL:level} %{GREEDYDATA:msg}", "%{WORD:a}", "%{NUMBER:n:long}", "%{NUMBER:n:float}", "%{WORD:w} %{WORD:o2.v}", "^%{IPORHOST:host}$", "%{DATA:d} %{WORD:w}$",
                "(?<x>[a-z]+)", "(?<x>a)|(?<y>b)", "%{NOTSPACE:b:boolean}", "%{EMAILADDRESS:mail}", "%{URI:uri}", "%{HTTPDATE:date}", "^$", "%{MINE:mine}", "%{GREEDYDATA:out}", "%{JAVASTACKTRACEPART}",
                "%{QS:q}", "\\[%{LOGLEVEL:level}\\]", "(?i)get %{NOTSPACE:p}", "%{NOPE:x}", "%{MAC}|%{UUID}", "%{DATE_EU:d}", "%{INT:i:int}", "%{USERNAME:a} %{POSINT:b}", "%{HOSTPORT:hp}", "%{SPACE:s}x",
            ],
            3,
        );
        self.maybe(
            30,
            "pattern_definitions",
            &[
                json!({"MINE": "\\d+"}),
                json!({"MINE": "[a-z]%{INNER}", "INNER": "[a-z ]*"}),
                json!({"WORD": "x"}),
            ],
        );
        self.flag(20, "trace_match");
        self.flag(20, "ignore_missing");
    }

    fn draw_date(&mut self, name: &str) {
        self.field(&[Kind::Date, Kind::Date, Kind::Date, Kind::Number]);
        let formats = [
            "ISO8601",
            "UNIX",
            "UNIX_MS",
            "TAI64N",
            "yyyy-MM-dd",
            "yyyy-MM-dd'T'HH:mm:ss",
            "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "dd/MM/yyyy",
            "d/M/yyyy H:mm",
            "dd/MMM/yyyy:HH:mm:ss Z",
            "MMM  d HH:mm:ss",
            "MMM dd HH:mm:ss",
            "EEE, dd MMM yyyy HH:mm:ss Z",
            "yyyy-MM-dd HH:mm:ss,SSS",
            "yyyyMMdd",
            "HH:mm",
            "yy/MM/dd",
            "dd MMM yyyy",
            "dd/MM/yyyy hh:mm a",
            "yyyy-MM-dd'T'HH:mm:ss VV",
            "yyyy-M-d",
            "uuuu-MM-dd",
            "yyyy-MM-dd'T'HH:mmXXX",
            "yyyy-DDD",
            "EEEE, MMMM d, yyyy h:mm a",
            "yyyy-MM",
        ];
        let list = if name == "date" { "formats" } else { "date_formats" };
        if name == "date" || self.dice.percent(80) {
            // The node takes the last format that fits, Elasticsearch the first: one alone, then.
            self.some(list, &formats, 1);
        }
        self.maybe(
            30,
            "timezone",
            &[
                json!("Europe/Amsterdam"),
                json!("UTC"),
                json!("America/New_York"),
                json!("+05:30"),
                json!("Nope/Nope"),
                json!("Asia/Kathmandu"),
                json!("{{a}}"),
            ],
        );
        self.maybe(20, "locale", &[json!("en"), json!("de"), json!("fr-FR"), json!("en-US")]);
        if name == "date" {
            self.target(40);
            self.maybe(
                25,
                "output_format",
                &[
                    json!("yyyy-MM-dd"),
                    json!("HH:mm:ss.SSSZ"),
                    json!("EEE d MMM uuuu"),
                    json!("yyyy-MM-dd'T'HH:mm:ss.SSSXXX"),
                    json!("["),
                ],
            );
        } else {
            self.one("date_rounding", &["y", "M", "w", "d", "h", "m", "s", "x", "{{a}}"]);
            self.maybe(
                50,
                "index_name_prefix",
                &[json!("my-"), json!("{{_index}}-"), json!("x-{{m}}-"), json!("")],
            );
            self.maybe(40, "index_name_format", &[json!("yyyy-MM"), json!("yyyyMMdd"), json!("{{b}}")]);
        }
    }
}
