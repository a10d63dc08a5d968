//! `trailcar demo`.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use collect_files::FilesConfig;
use deliver::Limits;
use event::{Source, SourceId};
use normalize::definitions;
use server::Server;
use server::guard::Exposure;
use store::{Access, Store};
use tokio_util::sync::CancellationToken;

use super::live;
use super::run::deliver;
use crate::cli::{OptionalConfigFile, Outcome};
use crate::config::{Config, Geoip, Level, Output, SourceConfig};
use crate::wiring::access::Guard;
use crate::wiring::stop::Stop;
use crate::wiring::{Sidecar, Start, runtime};

/// How long a store that can not be written is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// See it at work with sample events, with nothing to configure
///
/// Takes the sample events of every dataset the whole way, through collection, pipelines and delivery, into an
/// embedded store of its own, and shows them in a browser.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar demo
  trailcar demo --listen 127.0.0.1:9000
  trailcar demo --live      # new events as time goes on, polled from stand-ins of all three services
  trailcar demo --once      # counts per dataset; fails when one is zero")]
pub(crate) struct Demo {
    #[command(flatten)]
    config: OptionalConfigFile,
    /// Where the demo keeps its events
    #[arg(long, value_name = "DIR", default_value = "./data/demo")]
    data_dir: PathBuf,
    /// Where the viewer listens [default: 127.0.0.1:8686]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// End when the samples are stored: print their number by dataset, and fail when one is zero
    #[arg(long)]
    once: bool,
    /// Poll stand-ins for Cursor's Admin API, promptfoo's API and Cencori's dashboard, in which new events happen all the time; no key
    /// is needed
    #[arg(long, conflicts_with = "once")]
    live: bool,
}

impl Demo {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let mut config = self.config.load(Level::Warn)?;
        let shipped = definitions::shipped()?;
        let datasets: Vec<String> = definitions::datasets(&shipped).into_iter().map(str::to_owned).collect();
        config.output = Output::Store;
        config.geoip = Geoip::Samples;
        config.data_dir = self.data_dir;
        // Samples are shown to whoever uses the machine.
        config.users = Vec::new();
        config.listen = self.listen.unwrap_or(config.listen);
        if self.live {
            return runtime()?.block_on(live::run(config));
        }
        config.sources = samples(&config.data_dir)?;
        runtime()?.block_on(demo(config, &datasets, self.once))
    }
}

/// Writes the sample events into files, so that they come in as any events do.
fn samples(data_dir: &Path) -> anyhow::Result<Vec<SourceConfig>> {
    let directory = data_dir.join("samples");
    let failed = |error| {
        anyhow!(
            "the sample events can not be written to {}: {error}: name a directory that this user may make, with \
             --data-dir",
            directory.display()
        )
    };
    DirBuilder::new().recursive(true).mode(0o700).create(&directory).map_err(failed)?;
    let mut sources = Vec::new();
    for (dataset, events) in normalize::samples() {
        let path = directory.join(format!("{dataset}.ndjson"));
        fs::write(&path, events).map_err(failed)?;
        let source = Source {
            id: SourceId::new(&format!("sample-{dataset}")),
            dataset,
            namespace: "demo".into(),
            tags: vec!["sample".to_owned()],
            preserve_original_event: true,
        };
        let paths = vec![path.display().to_string()];
        sources.push(SourceConfig::Files(FilesConfig::new(Arc::new(source), paths)));
    }
    Ok(sources)
}

async fn demo(config: Config, datasets: &[String], once: bool) -> anyhow::Result<Outcome> {
    let listen = config.listen;
    let stop = Stop::on_signals()?;
    let limits = Limits { patience: Some(PATIENCE), ..Limits::default() };
    let sidecar = Sidecar::open(config, limits, Start::Resume)?;
    let opened = sidecar.opened.clone();
    let status = sidecar.delivery.status();
    let report = deliver(sidecar, &stop).await?;
    let store = opened.store.clone().context("the demo has a store")?;
    let counts = counts(&store, datasets)?;
    let whole = report.complete() && counts.iter().all(|(_, count)| *count > 0);
    for (dataset, count) in &counts {
        say(format_args!("{count:>8}  {dataset}"))?;
    }
    if once || !whole {
        return Ok(Outcome::of(whole));
    }
    let server =
        Server::bind(listen, opened.app(Some(status), Guard::default())).await.with_context(|| {
            format!(
                "{listen} can not be used: take another address with --listen, 127.0.0.1:8687 for instance"
            )
        })?;
    let address = server.address()?;
    match server.exposure() {
        Exposure::Local => say(format_args!("\nSample events are at http://{address}/"))?,
        Exposure::Remote => say(format_args!(
            "\nhttp://{address} serves /healthz, /readyz and /metrics. The viewer of the sample events is served on \
             this machine's own address only: --listen 127.0.0.1:{}",
            address.port()
        ))?,
    }
    say(format_args!("Ctrl-C ends the demo."))?;
    let closing = CancellationToken::new();
    let serving = tokio::spawn(server.serve(closing.clone()));
    stop.drain.cancelled().await;
    closing.cancel();
    serving.await?.context("the server failed")?;
    Ok(Outcome::Done)
}

/// How many events of each dataset are stored.
fn counts<'d>(store: &Store, datasets: &'d [String]) -> anyhow::Result<Vec<(&'d String, u64)>> {
    let stored = store.datasets(&Access::local())?;
    let stored: BTreeMap<&str, u64> =
        stored.iter().map(|count| (count.value.as_str(), count.events)).collect();
    Ok(datasets.iter().map(|dataset| (dataset, stored.get(dataset.as_str()).copied().unwrap_or(0))).collect())
}

/// Writes a line to standard output.
///
/// # Errors
/// It can not be written.
pub(super) fn say(words: std::fmt::Arguments<'_>) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{words}")
}
