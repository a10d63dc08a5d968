//! From the start of the shipped binary to its first 200 of `/readyz`, with a source of files: into the embedded store, and
//! into an Elasticsearch that takes everything.
//!
//! `cargo run --release -p testkit --example start -- TRAILCAR INPUT GEOIP [RUNS]`: the binary, a file of events, the
//! directory of the databases, and how often it is started (20). Each start but the first goes on with the data
//! directory of the one before, as a restart does; the first is shown beside the others.

#![allow(clippy::print_stdout, reason = "it prints what it has measured")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use testkit::null::NullElasticsearch;

/// A start that takes longer has failed.
const LONGEST: Duration = Duration::from_secs(20);

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name: &str| arguments.next().with_context(|| format!("{name} is missing"));
    let (binary, input) = (next("the binary")?, next("the input")?);
    let geoip = next("the directory of the databases")?;
    let runs: usize = arguments.next().map_or(Ok(20), |runs| runs.parse())?;

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let server = runtime.block_on(NullElasticsearch::start())?;
    let hosts = format!("elasticsearch: {{hosts: [\"{}\"]}}", server.url());
    for (name, output) in [("embedded store", "store: {}"), ("Elasticsearch", &hosts)] {
        let directory = tempfile::tempdir()?;
        let mut times = Vec::new();
        for _ in 0..runs.max(2) {
            times.push(start(&binary, directory.path(), &input, &geoip, output)?);
        }
        let first = times.remove(0);
        times.sort_unstable();
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        println!(
            "{name:<16} first {:>5.1} ms   then {:>5.1} ms in the median, {:>5.1} at least, {:>5.1} at most",
            milliseconds(first),
            milliseconds(times[times.len() / 2]),
            milliseconds(times[0]),
            milliseconds(times[times.len() - 1]),
        );
    }
    Ok(())
}

/// Starts it, waits until it is ready, and kills it.
fn start(binary: &str, directory: &Path, input: &str, geoip: &str, output: &str) -> Result<Duration> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let config = directory.join("trailcar.yml");
    std::fs::write(
        &config,
        format!(
            "data_dir: {}\nsources:\n  - {{type: files, dataset: cursor.audit, paths: [\"{input}\"], follow: true}}\n\
             geoip: {{directory: \"{geoip}\"}}\noutput:\n  {output}\nserver: {{listen: \"{address}\"}}\n",
            directory.join("data").display()
        ),
    )?;
    let began = Instant::now();
    let mut child = Command::new(binary)
        .args(["run", "--config"])
        .arg(&config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{binary} does not start"))?;
    while !is_ready(address) {
        ensure!(child.try_wait()?.is_none() && began.elapsed() < LONGEST, "it does not become ready");
        // Only how often it is asked.
        std::thread::sleep(Duration::from_micros(200));
    }
    let time = began.elapsed();
    child.kill()?;
    child.wait()?;
    Ok(time)
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut connection = TcpStream::connect(address)?;
        connection.set_read_timeout(Some(LONGEST))?;
        connection.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        connection.read_exact(&mut status)?;
        Ok(&status == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}
