//! The whole path, from a file to `_bulk`: wall time, processor time and memory of the shipped binary against an
//! Elasticsearch that takes everything.
//!
//! `cargo run --release -p testkit --example whole_path -- TRAILCAR INPUT EVENTS GEOIP [LEVEL]`: the binary, a file of
//! NDJSON or gzip (or another source, `{type: …}` as the configuration has it) and how many events there are in it, the
//! directory of the databases, and `compression_level` (0). Time on a processor and the peak of resident memory are the
//! kernel's figures for the process.

#![allow(clippy::print_stdout, reason = "it prints what it has measured")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use testkit::null::NullElasticsearch;

/// Ticks of the kernel's clock a second, as `/proc/PID/stat` counts processor time.
const TICKS: f64 = 100.0;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name: &str| arguments.next().with_context(|| format!("{name} is missing"));
    let (binary, input) = (next("the binary")?, next("the input")?);
    let events: u64 = next("the number of events")?.parse()?;
    let geoip = next("the directory of the databases")?;
    let level = arguments.next().unwrap_or_else(|| "0".to_owned());

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let server = runtime.block_on(NullElasticsearch::start())?;
    let directory = tempfile::tempdir()?;
    let config = directory.path().join("trailcar.yml");
    std::fs::write(&config, configuration(directory.path(), &input, &geoip, &server.url(), &level))?;

    let start = Instant::now();
    let child = Command::new(&binary)
        .args(["run", "--once", "--config"])
        .arg(&config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{binary} does not start"))?;
    let peak = watch(child)?;
    let (wall, busy) = (start.elapsed(), children_busy()?);
    ensure!(server.items() == events, "{} of {events} events arrived", server.items());

    let rate = events as f64 / wall.as_secs_f64();
    let each = busy.as_secs_f64() * 1e6 / events as f64;
    println!(
        "{rate:>9.0} events a second   {each:>6.2} CPU seconds a million   {:>5} MiB resident   {:>5.0} bytes sent an event",
        peak >> 10,
        server.bytes() as f64 / events as f64
    );
    Ok(())
}

fn configuration(data: &Path, input: &str, geoip: &str, url: &str, level: &str) -> String {
    let source = match input.strip_prefix('{') {
        Some(_) => input.to_owned(),
        None => format!("{{type: files, dataset: cursor.audit, paths: [\"{input}\"], follow: false}}"),
    };
    format!(
        "data_dir: {}\nsources:\n  - {source}\n\
         geoip: {{directory: \"{geoip}\"}}\noutput:\n  elasticsearch: {{hosts: [\"{url}\"], compression_level: {level}}}\n\
         server: {{listen: 127.0.0.1:0}}\n",
        data.join("data").display()
    )
}

/// Waits for the end; the peak of resident memory in KiB.
fn watch(mut child: Child) -> Result<u64> {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        if let Some(ended) = child.try_wait()? {
            ensure!(ended.success(), "trailcar ended with {ended}");
            return Ok(peak);
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let seen = text
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        peak = peak.max(seen.unwrap_or(0));
        // Only how often memory is looked at.
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Processor time of the children that have ended.
fn children_busy() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok());
    let (user, system) = ticks(13).zip(ticks(14)).context("/proc/self/stat is not as expected")?;
    Ok(Duration::from_secs_f64((user + system) / TICKS))
}
