//! What people need who write ingest pipelines.
//!
//! [`package`] finds the pipelines and test files of a package that is laid out as Elastic's package tooling lays it out,
//! [`case`] reads one test file and [`verdict`] says what became of its events; [`difference`] tells two documents apart.
//! [`trace`] writes down what each processor did to a document, [`outline`] what a pipeline would do, and [`profile`]
//! where its time goes.

pub mod case;
pub mod difference;
pub mod outline;
pub mod package;
pub mod profile;
pub mod simulation;
pub mod trace;
pub mod verdict;

use std::path::{Path, PathBuf};

/// Why a package or a test file can not be used.
#[derive(Debug, thiserror::Error)]
pub enum Mistake {
    /// The file system says no.
    #[error("{} can not be read: {error}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What it says, which the message repeats.
        error: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A file is no pipeline.
    #[error(transparent)]
    Pipeline(#[from] Box<ingest::LoadError>),
}

impl Mistake {
    fn file(path: &Path, reason: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), reason: reason.into() }
    }
}

/// Reads a text file.
fn read(path: &Path) -> Result<String, Mistake> {
    std::fs::read_to_string(path).map_err(|error| Mistake::Read { path: path.to_owned(), error })
}
