//! `trailcar run`.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use deliver::{Limits, Report};
use journal::Recorder;
use server::Server;
use tokio_util::sync::CancellationToken;

use super::summary;
use crate::cli::{ConfigFile, Outcome};
use crate::config::{Config, Level, duration};
use crate::wiring::access::{self, Guard};
use crate::wiring::stop::Stop;
use crate::wiring::{Sidecar, Start, runtime};

/// Collect and deliver until stopped
///
/// Reads every source from where it was left, delivers, and serves the viewer, health and metrics on server.listen.
/// SIGTERM and SIGINT let what is under way end (up to 25 s); a second one leaves it, to be collected again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar run
  trailcar run --config /etc/trailcar/trailcar.yml
  trailcar run --once        # from cron: deliver what is there now")]
pub(crate) struct Run {
    #[command(flatten)]
    config: ConfigFile,
    /// Deliver what is there now, without waiting for more, and end; without a server
    #[arg(long)]
    once: bool,
    /// How long --once waits for a destination that does not answer
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration, requires = "once")]
    wait: Duration,
}

impl Run {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let config = self.config.load(Level::Info)?;
        if self.once { once(config, self.wait) } else { runtime()?.block_on(serve(config, |_| Ok(()))) }
    }
}

/// Delivers what is there.
fn once(mut config: Config, wait: Duration) -> anyhow::Result<Outcome> {
    access::data_dir(&config)?;
    let journal = access::journal(&config)?;
    config.sources.push(access::source(&config.output, &journal)?);
    for source in &mut config.sources {
        source.read_once();
    }
    let (report, end) = runtime()?.block_on(async {
        let limits = Limits { patience: Some(wait), ..Limits::default() };
        let sidecar = Sidecar::open(config, limits, Start::Resume)?;
        let ledger = sidecar.opened.ledger.clone();
        let ended = to_the_end(sidecar).await?;
        access::tidy(&journal, &ledger)?;
        anyhow::Ok(ended)
    })?;
    summary::write(&mut std::io::stderr().lock(), &report, end)?;
    Ok(Outcome::of(report.complete() && end == End::Reached))
}

/// How a delivery that ends by itself ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// All sources were read.
    Reached,
    /// A signal came before.
    Stopped,
}

/// Runs a delivery that ends by itself.
///
/// # Errors
/// A second signal.
pub(crate) async fn to_the_end(sidecar: Sidecar) -> anyhow::Result<(Report, End)> {
    let stop = Stop::on_signals()?;
    let report = deliver(sidecar, &stop).await?;
    let end = if stop.drain.is_cancelled() { End::Stopped } else { End::Reached };
    Ok((report, end))
}

/// Runs a delivery to its end, or until a second signal.
///
/// # Errors
/// The second signal.
pub(crate) async fn deliver(sidecar: Sidecar, stop: &Stop) -> anyhow::Result<Report> {
    tokio::select! {
        report = sidecar.delivery.run(stop.drain.clone()) => Ok(report),
        () = stop.now.cancelled() => Err(anyhow::anyhow!("stopped before all was delivered; the rest is collected again")),
    }
}

/// Delivers and serves until stopped; `ready` is told where, before anything is collected.
///
/// # Errors
/// What can not be opened, and a second signal.
pub(crate) async fn serve(
    mut config: Config,
    ready: impl FnOnce(SocketAddr) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let listen = config.listen;
    let stop = Stop::on_signals()?;
    access::data_dir(&config)?;
    let journal = access::journal(&config)?;
    config.sources.push(access::source(&config.output, &journal)?);
    let recorder = Recorder::new(journal.clone());
    let guard = Guard {
        users: access::users(&config)?,
        recorder: Some(recorder.clone()),
        trusted_proxies: config.trusted_proxies.clone(),
    };
    let sidecar = Sidecar::open(config, Limits::default(), Start::Resume)?;
    let opened = sidecar.opened.clone();
    let server = Server::bind(listen, opened.app(Some(sidecar.delivery.status()), guard)).await.with_context(|| {
        format!("server.listen {listen} can not be used; is trailcar running already? Another port is taken with server.listen")
    })?;
    let address = server.address()?;
    tracing::info!(%address, "serving");
    ready(address)?;
    let _tidy = access::keep_tidy(journal, opened.ledger.clone());
    let closing = CancellationToken::new();
    let serving = tokio::spawn(server.serve(closing.clone()));
    let report = deliver(sidecar, &stop).await?;
    if !stop.drain.is_cancelled() {
        tracing::info!("all sources have been read to their end; serving goes on until stopped");
        stop.drain.cancelled().await;
    }
    closing.cancel();
    serving.await?.context("the server failed")?;
    // Collected at the next start.
    recorder.flush()?;
    tracing::info!(accepted = report.tally().accepted, pending = pending(&report), "stopped");
    Ok(Outcome::of(report.sources.iter().all(|source| source.error.is_none())))
}

fn pending(report: &Report) -> u64 {
    report.sources.iter().map(|source| source.pending).sum()
}
