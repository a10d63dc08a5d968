//! Processors one by one, each against the function of Vector's language that does the same where there is one.
//!
//! Every document has [`FIELDS`] fields with different values, and a pipeline or program does the same to each of them;
//! what reading the document takes is measured by a pipeline or program that does nothing, and taken off.

use anyhow::{Result, bail, ensure};
use event::{Data, Doc};
use ingest::{Definition, Lookups, Outcome, Pipelines};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value as Json, json};
use vrl::value::Value;

use crate::language::Script;

/// Fields of a document.
const FIELDS: usize = 8;
const DOCUMENTS: usize = 500;
/// How often all documents are run in a pass.
const TIMES: usize = 12;
/// Passes, of which the best counts.
const PASSES: usize = 7;
const TIMESTAMP: &str = "2026-07-01T12:00:00.000Z";

/// A processor and its counterpart; `IN` and `OUT` are a field and what is made of it.
struct Case {
    processor: &'static str,
    function: Option<&'static str>,
    value: fn(usize) -> Json,
}

const fn case(processor: &'static str, function: &'static str, value: fn(usize) -> Json) -> Case {
    Case { processor, function: Some(function), value }
}

const CASES: &[Case] = &[
    case("set: {field: OUT, value: constant}", ".OUT = \"constant\"", word),
    case("set: {field: OUT, copy_from: IN}", ".OUT = .IN", word),
    case("set: {field: OUT, value: 'from {{{IN}}} on'}", ".OUT = \"from \" + string!(.IN) + \" on\"", word),
    case(
        "set: {field: OUT, value: 1, if: \"ctx.IN == 'nobody'\"}",
        "if .IN == \"nobody\" { .OUT = 1 }",
        word,
    ),
    case("rename: {field: IN, target_field: OUT}", ".OUT = del(.IN)", word),
    case("remove: {field: IN}", "del(.IN)", word),
    case("append: {field: OUT, value: '{{{IN}}}'}", ".OUT = [.IN]", word),
    case("uppercase: {field: IN, target_field: OUT}", ".OUT = upcase!(.IN)", word),
    case("lowercase: {field: IN, target_field: OUT}", ".OUT = downcase!(.IN)", word),
    case("trim: {field: IN, target_field: OUT}", ".OUT = strip_whitespace!(.IN)", blanks),
    case("split: {field: IN, target_field: OUT, separator: ','}", ".OUT = split!(.IN, \",\")", commas),
    case("join: {field: IN, target_field: OUT, separator: ','}", ".OUT = join!(.IN, \",\")", list),
    case(
        "gsub: {field: IN, target_field: OUT, pattern: '\\d+', replacement: '#'}",
        ".OUT = replace!(.IN, r'\\d+', \"#\")",
        word,
    ),
    case("convert: {field: IN, target_field: OUT, type: long}", ".OUT = to_int!(.IN)", number),
    case(
        "foreach: {field: IN, processor: {uppercase: {field: _ingest._value}}}",
        ".IN = map_values(array!(.IN)) -> |value| { upcase!(value) }",
        list,
    ),
    case("script: {source: 'ctx.OUT = ctx.IN.length() + 1'}", ".OUT = strlen!(.IN) + 1", word),
    case("json: {field: IN, target_field: OUT}", ".OUT = parse_json!(.IN)", object),
    case(
        "kv: {field: IN, target_field: OUT, field_split: ' ', value_split: '='}",
        ".OUT = parse_key_value!(.IN)",
        pairs,
    ),
    case("csv: {field: IN, target_fields: [OUT.a, OUT.b, OUT.c, OUT.d]}", ".OUT = parse_csv!(.IN)", commas),
    case(
        "grok: {field: IN, patterns: ['%{IPORHOST:OUT.client} %{WORD:OUT.method} %{NOTSPACE:OUT.path} %{NUMBER:OUT.bytes}']}",
        ".OUT = parse_grok!(.IN, \"%{IPORHOST:client} %{WORD:method} %{NOTSPACE:path} %{NUMBER:bytes}\")",
        request,
    ),
    case(
        "dissect: {field: IN, pattern: '%{OUT.client} %{OUT.method} %{OUT.path} %{OUT.bytes}'}",
        ".OUT = parse_regex!(.IN, r'^(?P<client>[^ ]*) (?P<method>[^ ]*) (?P<path>[^ ]*) (?P<bytes>.*)$')",
        request,
    ),
    case(
        "date: {field: IN, target_field: OUT, formats: [ISO8601]}",
        ".OUT = parse_timestamp!(.IN, \"%+\")",
        instant,
    ),
    case(
        "date: {field: IN, target_field: OUT, formats: ['dd/MMM/yyyy:HH:mm:ss Z']}",
        ".OUT = parse_timestamp!(.IN, \"%d/%b/%Y:%H:%M:%S %z\")",
        log_time,
    ),
    case("uri_parts: {field: IN, target_field: OUT}", ".OUT = parse_url!(.IN)", url),
    case("urldecode: {field: IN, target_field: OUT}", ".OUT = decode_percent!(.IN)", encoded),
    case("bytes: {field: IN, target_field: OUT}", ".OUT = parse_bytes!(.IN, unit: \"B\")", size),
    case(
        "user_agent: {field: IN, target_field: OUT}",
        ".OUT = parse_user_agent!(.IN, mode: \"reliable\")",
        agent,
    ),
    case(
        "registered_domain: {field: IN, target_field: OUT}",
        ".OUT = parse_etld!(.IN, plus_parts: 1)",
        domain,
    ),
    Case { processor: "html_strip: {field: IN, target_field: OUT}", function: None, value: html },
    Case { processor: "sort: {field: IN, target_field: OUT}", function: None, value: list },
    Case {
        processor: "fingerprint: {fields: [IN], target_field: OUT, method: SHA-256}",
        function: None,
        value: word,
    },
];

fn word(at: usize) -> Json {
    format!("Person.{}@Example-{at}.com", at * 7919 % 5000).into()
}

fn blanks(at: usize) -> Json {
    format!("  a text {at} \t ").into()
}

fn commas(at: usize) -> Json {
    format!("alpha{at},beta,{},delta gamma", at * 31).into()
}

fn list(at: usize) -> Json {
    json!([format!("delta{at}"), "alpha", format!("beta{}", at % 7), "gamma"])
}

fn number(at: usize) -> Json {
    (at * 7919).to_string().into()
}

fn object(at: usize) -> Json {
    format!(r#"{{"id":{at},"name":"Person {at}","active":true,"tags":["a","b"],"at":{{"x":1.5,"y":null}}}}"#)
        .into()
}

fn pairs(at: usize) -> Json {
    format!("src=10.0.{}.{} dst=192.0.2.7 proto=tcp port={at} action=accept", at % 256, at % 250).into()
}

fn request(at: usize) -> Json {
    format!("192.0.2.{} GET /api/items/{at}?page=2 {}", at % 256, at * 37).into()
}

fn instant(at: usize) -> Json {
    format!("2026-05-{:02}T{:02}:{:02}:17.{:03}Z", at % 28 + 1, at % 24, at % 60, at % 1000).into()
}

fn log_time(at: usize) -> Json {
    format!("{:02}/May/2026:{:02}:{:02}:17 +0200", at % 28 + 1, at % 24, at % 60).into()
}

fn url(at: usize) -> Json {
    format!("https://ada:secret@shop{at}.example.com:8443/items/list.html?page={at}&sort=name#top").into()
}

fn encoded(at: usize) -> Json {
    format!("a%20text%2Fwith%3D{at}%26more").into()
}

fn size(at: usize) -> Json {
    format!("{}kB", at % 900 + 1).into()
}

fn agent(at: usize) -> Json {
    let (major, minor) = (at % 60 + 80, at % 5000);
    format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.{minor}.110 Safari/537.36").into()
}

fn domain(at: usize) -> Json {
    format!("www.shop{at}.example.co.uk").into()
}

fn html(at: usize) -> Json {
    format!("<p class=\"x\">a <b>text</b> &amp; {at}</p>").into()
}

/// Times all of them, or those of a name, and prints a row each.
pub(crate) fn measure(only: Option<&str>) -> Result<()> {
    println!("\nnanoseconds of CPU a run, and whether both give the same document");
    println!(" engine     vrl    ratio                processor");
    let mut ratios = Vec::new();
    let mut broken = 0;
    let wanted = |case: &&Case| only.is_none_or(|name| case.processor.split(':').next() == Some(name));
    for case in CASES.iter().filter(wanted) {
        let Row { engine, vrl, same } = match case.measure() {
            Ok(row) => row,
            Err(why) => {
                println!("can not be run: {}: {why}", case.processor);
                broken += 1;
                continue;
            }
        };
        let compared = vrl.map(|vrl| {
            ratios.push(vrl / engine);
            format!("{vrl:>7.0} {:>8.1}  {}", vrl / engine, if same { "same" } else { "other form" })
        });
        println!("{engine:>7.0} {:<28}  {}", compared.unwrap_or_default(), case.processor);
    }
    let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
    println!("geometric mean of {} ratios: {mean:.1}", ratios.len());
    ensure!(broken == 0, "{broken} of them can not be run");
    Ok(())
}

/// Nanoseconds of a run in the engine and of one in Vector's language, and whether both make the same of a document.
struct Row {
    engine: f64,
    vrl: Option<f64>,
    same: bool,
}

impl Case {
    fn documents(&self) -> Vec<Json> {
        (0..DOCUMENTS)
            .map(|document| {
                let field = |at: usize| (format!("f{at}"), (self.value)(document * FIELDS + at));
                Json::Object((0..FIELDS).map(field).collect::<Map<String, Json>>())
            })
            .collect()
    }

    /// Times it.
    fn measure(&self) -> Result<Row> {
        let documents = self.documents();
        let texts: Vec<String> = documents.iter().map(Json::to_string).collect();
        let values: Vec<Value> = documents.iter().map(|document| document.clone().into()).collect();
        let all = |text: &str| (0..FIELDS).map(|at| named(text, at)).collect::<Vec<_>>();
        let pipeline = |steps: &str| {
            let definition = Definition::parse("p", "p", &format!("processors: [{steps}]"));
            let definition = definition.map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
            ingest::compile(&[definition], &Lookups::default()).map_err(|wrong| anyhow::anyhow!("{wrong:?}"))
        };
        let steps: Vec<String> = all(self.processor).iter().map(|step| format!("{{{step}}}")).collect();
        let (whole, nothing) = (pipeline(&steps.join(","))?, pipeline("")?);
        let mut script = self.function.map(|function| Script::new(&all(function).join("\n"))).transpose()?;
        let mut idle = Script::new("null")?;

        let same = match &mut script {
            Some(script) => same_result(&whole, script, &texts[0], &values[0])?,
            None => false,
        };
        let mut least = [f64::MAX; 4];
        for _ in 0..PASSES {
            let mut seen = [in_engine(&whole, &texts)?, in_engine(&nothing, &texts)?, 0.0, 0.0];
            if let Some(script) = &mut script {
                seen[2] = in_vrl(script, &values)?;
                seen[3] = in_vrl(&mut idle, &values)?;
            }
            least.iter_mut().zip(seen).for_each(|(least, seen)| *least = least.min(seen));
        }
        Ok(Row { engine: least[0] - least[1], vrl: self.function.map(|_| least[2] - least[3]), same })
    }
}

fn named(text: &str, at: usize) -> String {
    text.replace("IN", &format!("f{at}")).replace("OUT", &format!("t{at}"))
}

/// Nanoseconds for one field of one document, reading the document included.
fn each(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / (TIMES * DOCUMENTS * FIELDS) as f64
}

/// Reads a document and runs the pipeline on it.
fn run(pipelines: &Pipelines, text: &str, doc: &mut Doc) -> Result<()> {
    doc.clear();
    let root = doc.parse_str(text).expect("the input is JSON");
    let data @ Data::Object(_) = doc.data(root) else { bail!("no object") };
    doc.set_data(Doc::SOURCE, data);
    let ended = pipelines.run("p", doc, TIMESTAMP);
    ensure!(matches!(ended, Ok(Outcome::Done)), "{ended:?}");
    Ok(())
}

/// Whether both make the same of a document.
fn same_result(pipelines: &Pipelines, script: &mut Script, text: &str, value: &Value) -> Result<bool> {
    let mut doc = Doc::new();
    run(pipelines, text, &mut doc)?;
    let ours: Json = serde_json::from_str(&doc.json(Doc::SOURCE))?;
    let mut theirs = value.clone();
    script.run(&mut theirs)?;
    Ok(ours == serde_json::to_value(&theirs)?)
}

/// Time that this thread has had on a processor, in nanoseconds: finer than what the kernel writes into files.
fn cpu() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    (time.tv_sec * 1_000_000_000 + time.tv_nsec).unsigned_abs()
}

fn in_engine(pipelines: &Pipelines, texts: &[String]) -> Result<f64> {
    let mut doc = Doc::new();
    let start = cpu();
    for _ in 0..TIMES {
        for text in texts {
            run(pipelines, text, &mut doc)?;
            std::hint::black_box(&doc);
        }
    }
    Ok(each(cpu() - start))
}

fn in_vrl(script: &mut Script, values: &[Value]) -> Result<f64> {
    let start = cpu();
    for _ in 0..TIMES {
        for value in values {
            let mut value = value.clone();
            script.run(&mut value)?;
            std::hint::black_box(&value);
        }
    }
    Ok(each(cpu() - start))
}
