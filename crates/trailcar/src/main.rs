//! The command line of trailcar.
//!
//! Reading order: [`cli`] (what can be asked for), [`commands`] (one file each), [`config`] (one file that says what
//! to do), [`wiring`] (how the rooms are put together), [`logging`].

mod cli;
mod commands;
mod config;
mod logging;
mod output_file;
mod wiring;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(outcome) => outcome.into(),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told when this can not be written either.
            drop(writeln!(std::io::stderr(), "{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Whether the reader of our output has had enough, as `head` has.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}
