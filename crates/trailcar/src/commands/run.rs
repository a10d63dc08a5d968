//! `trailcar run`.

use std::time::Duration;

use anyhow::Context;
use clap::Args;
use deliver::{Limits, Report};
use server::Server;
use tokio_util::sync::CancellationToken;

use super::summary;
use crate::cli::{ConfigFile, Outcome};
use crate::config::{Config, Level};
use crate::wiring::stop::Stop;
use crate::wiring::{Sidecar, Start, runtime};

/// How long commands that end by themselves wait for a destination that does not answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

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
    /// Deliver what is there now, without waiting for more, and end. Without a server. Fails when the destination
    /// does not answer for 30 s
    #[arg(long)]
    once: bool,
}

impl Run {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let config = self.config.load(Level::Info)?;
        if self.once { once(config) } else { runtime()?.block_on(service(config)) }
    }
}

/// Delivers what is there.
fn once(mut config: Config) -> anyhow::Result<Outcome> {
    for source in &mut config.sources {
        source.read_once();
    }
    let report = runtime()?.block_on(async {
        let sidecar =
            Sidecar::open(config, Limits { patience: Some(PATIENCE), ..Limits::default() }, Start::Resume)?;
        deliver(sidecar, &Stop::on_signals()?).await
    })?;
    summary::write(&mut std::io::stderr().lock(), &report)?;
    Ok(Outcome::of(report.complete()))
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

/// Delivers and serves until stopped.
async fn service(config: Config) -> anyhow::Result<Outcome> {
    let listen = config.listen;
    let stop = Stop::on_signals()?;
    let sidecar = Sidecar::open(config, Limits::default(), Start::Resume)?;
    let app = sidecar.opened.app(Some(sidecar.delivery.status()));
    let server = Server::bind(listen, app).await.with_context(|| {
        format!("server.listen {listen} can not be used; is trailcar running already? Another port is taken with server.listen")
    })?;
    tracing::info!(address = %server.address()?, "serving");
    let closing = CancellationToken::new();
    let serving = tokio::spawn(server.serve(closing.clone()));
    let report = deliver(sidecar, &stop).await?;
    if !stop.drain.is_cancelled() {
        tracing::info!("all sources have been read to their end; serving goes on until stopped");
        stop.drain.cancelled().await;
    }
    closing.cancel();
    serving.await?.context("the server failed")?;
    tracing::info!(accepted = report.tally().accepted, pending = pending(&report), "stopped");
    Ok(Outcome::of(report.sources.iter().all(|source| source.error.is_none())))
}

fn pending(report: &Report) -> u64 {
    report.sources.iter().map(|source| source.pending).sum()
}
