//! Fills a store with made-up audit events and asks it questions; prints rates, sizes and times.
//!
//! ```text
//! cargo run --release -p store --example bench -- [EVENTS] [BATCH] [FOLDER]
//! ```
//!
//! EVENTS (1,000,000) events in batches of BATCH (1,000) go into a store in FOLDER (a temporary one, removed at the
//! end). Made from a fixed seed: a year of time, 2,000 actors, 130,000 addresses, 1.3 KB a document. While they are stored, a
//! second thread asks for the first page; after it every question is asked 40 times with different values.

use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use event::{Checkpoint, Dataset, Destination, DocumentBatch, RawBatch, RawEvent, Source, SourceId};
use jiff::Timestamp;
use ledger::DataDir;
use store::{Access, FieldFilter, Filter, Shape, Store};

/// 2026-01-01
const START: i64 = 1_767_225_600_000;
const YEAR: u64 = 365 * 86_400_000;
const ACTORS: u64 = 2_000;
const ADDRESSES: u64 = 130_000;

/// Action, category, type; the first ones are more frequent.
const KINDS: [(&str, &str, &str); 12] = [
    ("login", "authentication", "start"),
    ("logout", "authentication", "end"),
    ("team_settings", "configuration", "change"),
    ("add_user", "iam", "creation"),
    ("user_api_key", "iam", "admin"),
    ("team_rule", "configuration", "change"),
    ("update_user_role", "iam", "change"),
    ("bugbot_settings", "configuration", "change"),
    ("remove_user", "iam", "deletion"),
    ("service_account", "iam", "admin"),
    ("protected_git_scope_access_check", "iam", "info"),
    ("mcp_server_config", "configuration", "change"),
];
const THINGS: [&str; 10] =
    ["postgres", "payments", "frontend", "billing", "sso", "warehouse", "mobile", "search", "infra", "docs"];
const CITIES: [(&str, &str, &str); 6] = [
    ("Madrid", "ES", "Spain"),
    ("Amsterdam", "NL", "Netherlands"),
    ("Zürich", "CH", "Switzerland"),
    ("Boston", "US", "United States"),
    ("São Paulo", "BR", "Brazil"),
    ("Tokyo", "JP", "Japan"),
];

/// A small generator of numbers (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    /// Below `n`; small numbers are more frequent.
    fn skewed(&mut self, n: u64) -> u64 {
        let (a, b) = (self.next() % n, self.next() % n);
        a.min(b)
    }
}

fn document(at: u64, total: u64, numbers: &mut Numbers) -> (String, String) {
    let time = START + (YEAR as f64 * at as f64 / total as f64) as i64 + (numbers.next() % 60_000) as i64;
    let time = Timestamp::from_millisecond(time).unwrap_or_default();
    let (action, category, kind) = KINDS[numbers.skewed(KINDS.len() as u64) as usize];
    let actor = numbers.skewed(ACTORS);
    let target = numbers.next() % ACTORS;
    let address = numbers.next() % ADDRESSES;
    let ip = format!("10.{}.{}.{}", address >> 16, address >> 8 & 255, address & 255);
    let (city, country, country_name) = CITIES[(address % CITIES.len() as u64) as usize];
    let thing = THINGS[numbers.skewed(THINGS.len() as u64) as usize];
    let outcome = if numbers.next().is_multiple_of(20) { "failure" } else { "success" };
    let (a, b, c) = (numbers.next(), numbers.next(), numbers.next());
    let id = format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 48,
        b & 0xffff_ffff_ffff
    );
    let lat = (c % 18_000) as f64 / 100.0 - 90.0;
    let source = format!(
        r#"{{"@timestamp":"{time}","ecs":{{"version":"9.3.0"}},"data_stream":{{"type":"logs","dataset":"cursor.audit","namespace":"default"}},"event":{{"kind":"event","module":"cursor","provider":"cursor","dataset":"cursor.audit","id":"{id}","action":"{action}","category":["{category}"],"type":["{kind}"],"outcome":"{outcome}","created":"{time}","ingested":"{time}"}},"message":"dev{actor} {action} on {thing}","user":{{"email":"dev{actor}@example.com","name":"dev{actor}","domain":"example.com","target":{{"email":"dev{target}@example.com","name":"dev{target}"}}}},"source":{{"address":"{ip}","ip":"{ip}","geo":{{"city_name":"{city}","country_iso_code":"{country}","country_name":"{country_name}","continent_name":"Somewhere","location":{{"lat":{lat},"lon":{lat}}}}},"as":{{"number":{asn},"organization":{{"name":"Documentation ASN {asn}"}}}}}},"related":{{"ip":["{ip}"],"user":["dev{actor}@example.com","dev{target}@example.com"]}},"organization":{{"id":"org-{org}"}},"user_agent":{{"original":"Mozilla/5.0 (X11; Linux x86_64) Cursor/{minor}.{patch}"}},"cursor":{{"audit":{{"team_id":"team_{team}","actor_type":"user","application_type":"ide","privacy_mode":"enabled","setting_name":"{thing}_access","old_value":"{old}","new_value":"{new}","request_id":"{request:016x}","event_data":{{"repository":"example/{thing}","reason":"changed by dev{actor}","ticket":{ticket}}}}}}},"tags":["forwarded","cursor-audit"]}}"#,
        asn = 64_496 + address % 16,
        org = actor % 20,
        minor = c % 4,
        patch = c >> 8 & 15,
        team = actor % 100,
        old = c & 1,
        new = c >> 1 & 1,
        request = c,
        ticket = c % 100_000,
    );
    (id, source)
}

fn batch(first: u64, size: u64, total: u64, numbers: &mut Numbers) -> anyhow::Result<DocumentBatch> {
    let source = Source {
        id: SourceId::new("bench"),
        dataset: Dataset::new("cursor.audit")?,
        namespace: "default".into(),
        tags: Vec::new(),
        preserve_original_event: false,
    };
    let raw = RawBatch {
        source: Arc::new(source),
        sequence: first / size,
        location: None,
        buffer: Default::default(),
        events: (0..size).map(|offset| RawEvent { span: 0..0, offset }).collect(),
        collected: Timestamp::UNIX_EPOCH,
        checkpoint: Checkpoint((first + size).into()),
        notices: Vec::new(),
        set_aside: Vec::new(),
        settled: None,
    };
    let mut batch = DocumentBatch::new(Arc::new(raw));
    let stream = Arc::from("logs-cursor.audit-default");
    for at in 0..size {
        let (id, source) = document(first + at, total, numbers);
        batch.push(at as u32, &stream, &id, false, |out| out.extend_from_slice(source.as_bytes()));
    }
    Ok(batch)
}

/// The `k`-th of each kind of question.
fn questions(k: u64) -> Vec<(&'static str, Filter)> {
    let text = |text: String| Filter { text, ..Filter::default() };
    let strings = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
    let thing = THINGS[(k % 10) as usize];
    let (action, category, _) = KINDS[(k % 12) as usize];
    let day = |day: i64| Timestamp::from_millisecond(START + day * 86_400_000).ok();
    let from = (k * 8 % 350) as i64;
    let ip = format!("10.0.{}.{}", k % 200, k % 250);
    vec![
        ("no filter", Filter::default()),
        ("category", Filter { categories: strings(&[category]), ..Filter::default() }),
        ("actor", Filter { users: vec![format!("dev{}@example.com", k * 37 % ACTORS)], ..Filter::default() }),
        (
            "three filters",
            Filter {
                actions: strings(&[action, "login"]),
                outcomes: strings(&["failure"]),
                users: (0..5).map(|at| format!("dev{}", k * 31 % ACTORS + at)).collect(),
                ..Filter::default()
            },
        ),
        ("7 days", Filter { from: day(from), to: day(from + 7), ..Filter::default() }),
        ("word, 1 to 19 %", text(thing.to_owned())),
        ("prefix dev17*", text(format!("dev{}*", 10 + k % 90))),
        ("e-mail", text(format!("dev{}@example.com", k * 37 % ACTORS))),
        ("IP address", text(ip.clone())),
        (
            "two words and a filter",
            Filter { categories: strings(&["iam"]), ..text(format!("failure {thing}")) },
        ),
        ("word in every event", text("example.com".to_owned())),
        ("phrase", text(format!("\"dev{} login\"", k * 7 % ACTORS))),
        (
            "fraction in 7 days",
            Filter {
                from: day(from),
                to: day(from + 7),
                fields: vec![FieldFilter {
                    field: "source.geo.location.lat".into(),
                    values: vec![format!("{}.25", k)],
                }],
                ..Filter::default()
            },
        ),
        (
            "other field",
            Filter {
                fields: vec![FieldFilter { field: "source.ip".into(), values: vec![ip] }],
                ..Filter::default()
            },
        ),
    ]
}

fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort();
    times
        .get((times.len() * percent / 100).min(times.len().saturating_sub(1)))
        .map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// Resident memory in MiB: now, at most, and of it what is no mapped file.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_start_matches(':')
            .split_whitespace()
            .next()
            .and_then(|kb| kb.parse::<u64>().ok())
            .unwrap_or(0)
            / 1024
    };
    format!("{} MiB (peak {}, anonymous {})", of("VmRSS"), of("VmHWM"), of("RssAnon"))
}

/// Processor time that this process has taken, in seconds.
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = stat.split(' ').skip(13).take(2).filter_map(|text| text.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

fn fill(store: &Store, events: u64, size: u64, runtime: &tokio::runtime::Runtime) -> anyhow::Result<()> {
    let mut numbers = Numbers(1);
    let (mut stored, mut total, mut bytes) = (Duration::ZERO, Duration::ZERO, 0_u64);
    let (mut commits, mut part, mut processor) = (Vec::new(), Duration::ZERO, 0.0);
    let step = (events / 10).max(size);
    for first in (0..events).step_by(size as usize) {
        let batch = batch(first, size.min(events - first), events, &mut numbers)?;
        bytes += batch.documents.iter().map(|document| batch.source(document).len() as u64).sum::<u64>();
        let (start, processor_start) = (Instant::now(), processor_time());
        runtime.block_on(store.deliver(&batch))?;
        let took = start.elapsed();
        processor += processor_time() - processor_start;
        commits.push(took);
        (stored, total, part) = (stored + took, total + took, part + took);
        if (first + size).is_multiple_of(step) {
            say(&format!(
                "{:>9} events, {:>6.0} events/s in this part, memory {}",
                first + size,
                step as f64 / part.as_secs_f64(),
                memory()
            ));
            part = Duration::ZERO;
        }
    }
    say(&format!(
        "stored {events} events of {} bytes: {:.0} events/s, {:.1} µs of processor time each; a batch of {size}: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        bytes / events,
        events as f64 / stored.as_secs_f64(),
        processor * 1e6 / events as f64,
        percentile(&mut commits, 50),
        percentile(&mut commits, 99),
        percentile(&mut commits, 100),
    ));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "it is what the program is for")]
fn say(line: &str) {
    println!("{line}");
}

fn ask(store: &Store) -> anyhow::Result<()> {
    let access = Access::local();
    let kinds = questions(0).len();
    for kind in 0..kinds {
        let (mut pages, mut both, mut found, mut first) = (Vec::new(), Vec::new(), 0, Duration::ZERO);
        for k in 0..40 {
            let (_, filter) = questions(k).swap_remove(kind);
            let start = Instant::now();
            store.page(&access, &filter, None, 50)?;
            pages.push(start.elapsed());
            let summary = store.summary(&access, &filter, Shape { top: 10, buckets: 366 })?;
            both.push(start.elapsed());
            if k == 0 {
                first = start.elapsed();
            }
            found = found.max(summary.total);
        }
        say(&format!(
            "{:<24} {found:>9} found: page p50 {:>6.1} p95 {:>6.1} ms; with facets and histogram p50 {:>6.1} p95 {:>6.1}, \
             the very first {:>6.1} ms",
            questions(0)[kind].0,
            percentile(&mut pages, 50),
            percentile(&mut pages, 95),
            percentile(&mut both, 50),
            percentile(&mut both, 95),
            first.as_secs_f64() * 1e3,
        ));
    }
    let start = Instant::now();
    let mut bytes = 0;
    let mut count = 0;
    for event in store.export(&access, &Filter::default())?.take(50_000) {
        bytes += event?.source.len();
        count += 1;
    }
    say(&format!(
        "export of {count} rows, {} MB: {:.0} ms",
        bytes / 1_000_000,
        start.elapsed().as_secs_f64() * 1e3
    ));
    let start = Instant::now();
    let (mut cursor, mut pages) = (None, 0);
    for _ in 0..200 {
        let page = store.page(
            &access,
            &Filter { outcomes: vec!["failure".into()], ..Filter::default() },
            cursor,
            50,
        )?;
        pages += 1;
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    say(&format!(
        "{pages} pages one after the other: {:.2} ms each",
        start.elapsed().as_secs_f64() * 1e3 / f64::from(pages)
    ));
    Ok(())
}

/// Asks for the first page as long as events are stored.
fn ask_meanwhile(store: &Store, stop: &AtomicBool) -> Vec<Duration> {
    let mut times = Vec::new();
    let filter = Filter { text: "postgres".into(), ..Filter::default() };
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        let done = store.page(&Access::local(), &filter, None, 50).is_ok()
            && store.summary(&Access::local(), &filter, Shape::default()).is_ok();
        if done {
            times.push(start.elapsed());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    times
}

fn size(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let events: u64 =
        arguments.next().map_or(Ok(1_000_000), |text| text.parse()).context("EVENTS is no number")?;
    let batch: NonZero<u64> =
        arguments.next().map_or_else(|| "1000".parse(), |text| text.parse()).context("BATCH is no number")?;
    let temporary = tempfile::tempdir()?;
    let folder = arguments.next().map_or_else(|| temporary.path().to_owned(), Into::into);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build()?;
    {
        let held = DataDir::lock(&folder)?;
        let store = Store::open(&held)?;
        if store.is_empty() {
            let stop = AtomicBool::new(false);
            let mut times = std::thread::scope(|scope| {
                let asking = scope.spawn(|| ask_meanwhile(&store, &stop));
                let filled = fill(&store, events, batch.get(), &runtime);
                stop.store(true, Ordering::Relaxed);
                filled.map(|()| asking.join().unwrap_or_default())
            })?;
            say(&format!(
                "asked {} times meanwhile: p50 {:.1} ms, p95 {:.1} ms",
                times.len(),
                percentile(&mut times, 50),
                percentile(&mut times, 95)
            ));
        }
    }
    let held = DataDir::lock(&folder)?;
    let start = Instant::now();
    let store = Store::open(&held)?;
    let events = store.len();
    say(&format!(
        "opened with {events} events in {:.2} s, memory {}",
        start.elapsed().as_secs_f64(),
        memory()
    ));
    say(&format!("{} bytes an event on disk", size(&folder) / events.max(1) as u64));
    ask(&store)?;
    say(&format!("memory {}", memory()));
    Ok(())
}
