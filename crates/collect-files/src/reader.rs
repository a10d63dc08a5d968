//! Reads files in rounds: find them, sort them, read each to its end.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use collect::{Ending, EventReader, InflateError, Paused, Piece};
use event::{Checkpoint, CollectError, Notice, RawBatch};
use jiff::Timestamp;

use crate::checkpoint;
use crate::config::{FilesConfig, FilesError, STANDARD_INPUT};
use crate::discover::discover;
use crate::pipe::Pipe;
use crate::progress::Progress;
use crate::scan::Files;
use crate::tracked::{Tracked, inflate_notice, notice};

/// What a step gave.
pub enum Step {
    /// Events, notices, or a checkpoint that moved.
    Batch(Box<RawBatch>),
    /// All is read for now: step again after a while.
    Idle,
    /// A pipe had nothing to read just now: step again at once.
    Waiting,
    /// All is read for good.
    End,
}

/// Reads the files of one source.
pub struct Reader {
    config: FilesConfig,
    files: Files,
    pipes: Option<Vec<PipeReader>>,
    /// The file of this round that is read; nothing before the files are looked for.
    next: Option<usize>,
    sequence: u64,
    notices: Vec<Notice>,
    /// Whether a position moved that no batch has told yet.
    moved: bool,
    /// What was wrong at the last look, so that it is not said at every one.
    said: HashSet<(String, String)>,
    progress: Arc<Progress>,
}

struct PipeReader {
    name: &'static str,
    reader: EventReader<Pipe>,
    ended: bool,
}

impl PipeReader {
    /// Reads what is there; an empty piece when that is nothing.
    fn turn(&mut self, notices: &mut Vec<Notice>) -> Piece {
        if self.ended {
            return Piece::default();
        }
        match self.reader.read() {
            Ok(Paused::Full) => {}
            Ok(Paused::End) => {
                self.reader.finish(Ending::Complete);
                self.ended = true;
            }
            Err(InflateError::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => {
                self.reader.fail(&error);
                self.ended = true;
                notices.push(inflate_notice(self.name, &error));
            }
        }
        let piece = self.reader.take();
        notices.extend(piece.problems.iter().map(|problem| notice(self.name, problem.offset(), problem)));
        piece
    }
}

impl Reader {
    /// Goes on from `checkpoint`.
    ///
    /// # Errors
    /// [`FilesError`] for a configuration that can not work and for a checkpoint of another version.
    pub fn new(config: FilesConfig, checkpoint: Option<Checkpoint>) -> Result<Self, FilesError> {
        config.check()?;
        Ok(Self {
            files: Files::kept(checkpoint::read(checkpoint)?),
            config,
            pipes: None,
            next: None,
            sequence: 0,
            notices: Vec::new(),
            moved: false,
            said: HashSet::new(),
            progress: Arc::default(),
        })
    }

    /// How far reading is.
    pub fn progress(&self) -> Arc<Progress> {
        self.progress.clone()
    }

    /// Reads until a batch is full, or until nothing is left for now.
    ///
    /// # Errors
    /// [`CollectError::Fatal`] when no path leads to anything that can be read.
    pub fn step(&mut self) -> Result<Step, CollectError> {
        if self.next.is_none() {
            self.look()?;
        }
        if let Some(batch) = self.read_files() {
            return Ok(batch);
        }
        if let Some(batch) = self.read_pipes() {
            return Ok(batch);
        }
        self.forget_left();
        if self.moved || !self.notices.is_empty() {
            return Ok(self.batch(None, Piece::default()));
        }
        let piping = self.pipes.iter().flatten().any(|pipe| !pipe.ended);
        let only_pipes = self.config.paths.iter().all(|path| path == STANDARD_INPUT);
        Ok(match (self.config.follow, piping) {
            (true, false) if only_pipes => Step::End,
            (true, _) => {
                self.next = None;
                Step::Idle
            }
            (false, true) => Step::Waiting,
            (false, false) => Step::End,
        })
    }

    /// Looks for files, and starts a round.
    fn look(&mut self) -> Result<(), CollectError> {
        let found = discover(&self.config.paths);
        if !self.config.follow && found.misses_named && found.files.is_empty() && found.pipes.is_empty() {
            let problems: Vec<String> =
                found.problems.iter().map(|n| format!("{}: {}", n.location, n.message)).collect();
            return Err(CollectError::Fatal(problems.join("; ")));
        }
        let mut problems = found.problems;
        self.files.scan(&found.files, &self.config, &mut problems, &mut self.notices);
        if self.pipes.is_none() {
            self.pipes = Some(self.open_pipes(found.pipes, &mut problems));
        }
        let said: HashSet<_> = problems.iter().map(|n| (n.location.clone(), n.message.clone())).collect();
        problems.retain(|n| !self.said.contains(&(n.location.clone(), n.message.clone())));
        self.notices.append(&mut problems);
        self.said = said;
        self.files.tracked.iter_mut().for_each(|tracked| tracked.count(&self.progress));
        self.next = Some(0);
        Ok(())
    }

    fn open_pipes(&self, paths: Vec<PathBuf>, problems: &mut Vec<Notice>) -> Vec<PipeReader> {
        let mut pipes = Vec::new();
        for path in paths {
            let name = if path.as_os_str() == STANDARD_INPUT { "standard input" } else { "pipe" };
            match Pipe::open(&path) {
                Ok(pipe) => {
                    let reader = EventReader::new(pipe, self.config.inflate, self.config.split);
                    pipes.push(PipeReader { name, reader, ended: false });
                }
                Err(error) => problems.push(inflate_notice(name, &error.into())),
            }
        }
        pipes
    }

    fn read_files(&mut self) -> Option<Step> {
        while let Some(tracked) = self.next.and_then(|next| self.files.tracked.get_mut(next)) {
            if !tracked.due {
                self.next = self.next.map(|next| next + 1);
                continue;
            }
            let turn = tracked.turn(&self.config, &self.progress);
            let location = tracked.location.clone();
            self.notices.extend(turn.notices);
            self.moved |= turn.moved;
            if !turn.piece.events.is_empty() {
                return Some(self.batch(Some(location), turn.piece));
            }
        }
        None
    }

    fn read_pipes(&mut self) -> Option<Step> {
        let pipes = self.pipes.iter_mut().flatten();
        let piece = pipes.map(|pipe| pipe.turn(&mut self.notices)).find(|piece| !piece.events.is_empty())?;
        Some(self.batch(None, piece))
    }

    /// Lets go of files that are away and read to their end.
    fn forget_left(&mut self) {
        let tracked = std::mem::take(&mut self.files.tracked);
        let (left, stay): (Vec<Tracked>, _) = tracked.into_iter().partition(|tracked| tracked.leaving);
        self.files.tracked = stay;
        for tracked in left.into_iter().filter(|tracked| tracked.position.offset > 0) {
            self.files.remember(tracked.position);
        }
    }

    fn batch(&mut self, location: Option<Arc<str>>, piece: Piece) -> Step {
        let sequence = self.sequence;
        self.sequence += 1;
        self.moved = false;
        Step::Batch(Box::new(RawBatch {
            source: self.config.source.clone(),
            sequence,
            location,
            buffer: piece.buffer,
            events: piece.events,
            collected: Timestamp::now(),
            checkpoint: self.files.checkpoint(),
            notices: std::mem::take(&mut self.notices),
            set_aside: Vec::new(),
            settled: None,
        }))
    }
}
