//! One file that is read, and what is known of it between two looks.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use collect::{Framing, InflateError, Piece};
use event::Notice;

use crate::checkpoint::{Position, Written};
use crate::config::FilesConfig;
use crate::discover::{Candidate, reason};
use crate::identity::{Inode, Stamp, head};
use crate::open::{Open, Outcome, Resumed, open};
use crate::progress::Progress;
use crate::scan::QUIET_LOOKS;

/// A file, read or to be read.
pub(crate) struct Tracked {
    pub(crate) path: PathBuf,
    pub(crate) location: Arc<str>,
    pub(crate) position: Position,
    /// Its size and time at the last look; nothing when it has to be looked at in any case.
    pub(crate) stamp: Option<Stamp>,
    /// Whether to read it in this round.
    pub(crate) due: bool,
    /// Whether it is away from its path: what is left of it is read, then it is let go.
    pub(crate) leaving: bool,
    /// Whether nothing of it was read in an earlier round.
    pub(crate) fresh: bool,
    open: Option<Box<Open>>,
    /// That it ends too early; said unless it has grown by the next look.
    cut: Option<Notice>,
    /// Looks at which a table's last row had no end and nothing was added.
    still: u32,
    written: Written,
    /// Bytes on disk that were counted as found and as read.
    counted: (u64, u64),
}

/// What a turn of reading gave.
#[derive(Default)]
pub(crate) struct Turn {
    pub(crate) piece: Piece,
    pub(crate) notices: Vec<Notice>,
    /// Whether the position is another one.
    pub(crate) moved: bool,
}

/// What a look at a file that is known by its inode gave.
pub(crate) enum Look {
    /// It is the same, grown perhaps.
    Same,
    /// Other bytes are in it.
    Different,
}

impl Tracked {
    /// A file known from an earlier run.
    pub(crate) fn kept(position: Position) -> Self {
        Self {
            path: PathBuf::from(&position.path),
            location: position.path.as_str().into(),
            position,
            stamp: None,
            due: false,
            leaving: false,
            fresh: false,
            open: None,
            cut: None,
            still: 0,
            written: Written::default(),
            counted: (0, 0),
        }
    }

    /// A new file.
    pub(crate) fn new(candidate: &Candidate, file: Arc<std::fs::File>, config: &FilesConfig) -> Self {
        let path = candidate.path.display().to_string();
        let mut tracked = Self::kept(Position::start(path, candidate.inode));
        tracked.path.clone_from(&candidate.path);
        tracked.stamp = Some(candidate.stamp);
        tracked.open = Some(Box::new(Open::start(file, config)));
        (tracked.due, tracked.fresh) = (true, true);
        tracked
    }

    /// Looks at the file at its inode again; notices go to `notices`.
    pub(crate) fn look(
        &mut self,
        candidate: &Candidate,
        config: &FilesConfig,
        notices: &mut Vec<Notice>,
    ) -> io::Result<Look> {
        self.fresh = false;
        if self.stamp == Some(candidate.stamp) {
            notices.extend(self.cut.take());
            self.rename(candidate);
            self.wait_for_row();
            return Ok(Look::Same);
        }
        self.cut = None;
        self.still = 0;
        // Of a file of which nothing was read nothing is known: it may have become any other.
        if self.position.offset == 0 {
            return Ok(Look::Different);
        }
        let same = self.open.as_ref().map(|open| open.is_same(&self.position)).transpose()?;
        if same == Some(true) {
            self.due = true;
        } else {
            self.open = None;
            let Some(file) = open(&candidate.path, candidate.inode)? else { return Ok(Look::Different) };
            if self.position.finished == Some(candidate.stamp.bytes) {
                if !self.position.head.starts(&head(&file)?) {
                    return Ok(Look::Different);
                }
            } else if !self.take_over(candidate, file, config, notices)? {
                return Ok(Look::Different);
            }
        }
        self.stamp = Some(candidate.stamp);
        self.rename(candidate);
        Ok(Look::Same)
    }

    /// Goes on in another file, if it holds what was read of this one.
    pub(crate) fn take_over(
        &mut self,
        candidate: &Candidate,
        file: Arc<std::fs::File>,
        config: &FilesConfig,
        notices: &mut Vec<Notice>,
    ) -> io::Result<bool> {
        match Open::resume(file, &self.position, config)? {
            Resumed::Different => return Ok(false),
            Resumed::Short(_) if Path::new(&self.position.path) != candidate.path => return Ok(false),
            Resumed::Short(error) => {
                let error = error.map_or_else(|| "it ends".to_owned(), |error| error.to_string());
                let message =
                    format!("its first {} bytes were read before; now {error}", self.position.offset);
                let notice = Notice { location: candidate.path.display().to_string(), offset: 0, message };
                if config.follow {
                    self.cut = Some(notice);
                } else {
                    notices.push(notice);
                }
                (self.open, self.due) = (None, false);
            }
            Resumed::Same(open) => (self.open, self.due) = (Some(open), true),
        }
        self.stamp = Some(candidate.stamp);
        self.rename(candidate);
        Ok(true)
    }

    /// Other bytes that the open file, which is away from its path, holds by now: to be read from its start, while
    /// this one keeps the position in the old ones.
    pub(crate) fn renewed(&mut self, config: &FilesConfig) -> Option<Self> {
        // Of a file of which nothing was read nothing is known; an error shows again when it is read.
        let known = self.position.offset > 0;
        let open = self.open.take_if(|open| !known || !open.is_same(&self.position).unwrap_or(true))?;
        let mut renewed = Self::kept(Position::start(self.position.path.clone(), self.position.inode));
        renewed.open = Some(Box::new(Open::start(open.into_file(), config)));
        Some(renewed)
    }

    /// A table's last row needs no line break: it is whole when nothing was added to it for a while.
    fn wait_for_row(&mut self) {
        let is_row = |open: &Open| self.position.framing == Framing::Rows && open.pending() > 0;
        if self.open.as_deref().is_some_and(is_row) {
            self.still += 1;
            self.due = self.still >= QUIET_LOOKS;
        }
    }

    fn rename(&mut self, candidate: &Candidate) {
        self.position.inode = candidate.inode;
        self.leaving = false;
        if self.path != candidate.path {
            self.path.clone_from(&candidate.path);
            self.position.path = candidate.path.display().to_string();
            self.location = self.position.path.as_str().into();
        }
    }

    /// Reads on.
    pub(crate) fn turn(&mut self, config: &FilesConfig, progress: &Progress) -> Turn {
        let Some(open) = &mut self.open else {
            self.due = false;
            return Turn::default();
        };
        let before = self.position.clone();
        let waits = config.follow && !self.leaving && self.still < QUIET_LOOKS;
        let (piece, outcome) = open.next(waits);
        open.advance(&mut self.position, &piece);
        self.due = matches!(outcome, Outcome::More);
        self.position.finished = None;
        let mut notices: Vec<Notice> =
            piece.problems.iter().map(|problem| notice(&self.location, problem.offset(), problem)).collect();
        match outcome {
            Outcome::More => {}
            Outcome::End => {
                self.position.finished = (open.pending() == 0).then(|| open.read_bytes());
            }
            Outcome::Cut(error) => self.cut = Some(inflate_notice(&self.location, &error)),
            Outcome::Failed(error) => {
                notices.push(inflate_notice(&self.location, &error));
                self.open = None;
                if matches!(error, InflateError::Io(_)) {
                    self.stamp = None;
                }
            }
        }
        if !self.due && !waits {
            self.open = None;
            notices.extend(self.cut.take());
        }
        self.count(progress);
        Turn { moved: self.position != before, piece, notices }
    }

    /// Tells how far the file is; what will not be read counts as read.
    pub(crate) fn count(&mut self, progress: &Progress) {
        let read = self.open.as_ref().map_or(0, |open| open.read_bytes());
        let size = self.stamp.map_or(0, |stamp| stamp.bytes).max(read).max(self.counted.0);
        let read = if self.due { read.max(self.counted.1) } else { size };
        progress.add(size - self.counted.0, read - self.counted.1);
        self.counted = (size, read);
    }

    /// Whether bytes are left of it that can still be read when its path is gone.
    pub(crate) fn can_leave(&self) -> bool {
        self.open.is_some()
    }

    /// Closes it; it is opened again by its path.
    pub(crate) fn close(&mut self) {
        self.open = None;
    }

    /// Its position as it is kept.
    pub(crate) fn row(&mut self) -> Option<serde_json::Value> {
        self.written.row(&self.position)
    }

    /// Its inode.
    pub(crate) fn inode(&self) -> Inode {
        self.position.inode
    }
}

/// A notice of something at a place.
pub(crate) fn notice(location: &str, offset: u64, message: &impl ToString) -> Notice {
    Notice { location: location.to_owned(), offset, message: message.to_string() }
}

/// Where a stream failed, by the bytes on disk.
pub(crate) fn inflate_notice(location: &str, error: &InflateError) -> Notice {
    let offset = match error {
        InflateError::Truncated { compressed, .. }
        | InflateError::Corrupt { compressed, .. }
        | InflateError::Trailing { compressed, .. }
        | InflateError::Limit { compressed, .. } => *compressed,
        InflateError::Foreign(_) | InflateError::Io(_) => 0,
    };
    let message = match error {
        InflateError::Io(error) => reason(error),
        other => other.to_string(),
    };
    notice(location, offset, &message)
}
