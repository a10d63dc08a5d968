//! Tells which of the files found are known, which are new, and which are gone.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use event::{Checkpoint, Notice};
use serde_json::Value;

use crate::checkpoint::{self, Position, Written};
use crate::config::FilesConfig;
use crate::discover::{Candidate, reason};
use crate::identity::{Digest, Inode, Stamp, head};
use crate::open::open;
use crate::tracked::{Look, Tracked};

/// Positions kept of files that are gone, for when they come back: renamed, compressed, mounted again.
const GONE: usize = 1_000;
/// Files kept open between two looks, so that what is written before a rename or removal can still be read.
const OPEN: usize = 256;
/// Looks at which a file has to be unchanged before it is taken for a copy that is done.
pub(crate) const QUIET_LOOKS: u32 = 2;

/// What is known of files.
#[derive(Default)]
pub(crate) struct Files {
    /// Those that are there, or still open, in the order in which they are read.
    pub(crate) tracked: Vec<Tracked>,
    /// Those that are gone, the longest first.
    pub(crate) gone: Vec<Position>,
    /// New files that may be copies in the making: how they looked, and for how many looks.
    waiting: HashMap<Inode, (Stamp, u32)>,
}

/// Files by the first bytes of their content.
#[derive(Default)]
struct Heads {
    lengths: BTreeSet<usize>,
    files: HashMap<Digest, Vec<usize>>,
}

impl Heads {
    fn add(&mut self, position: &Position, index: usize) {
        if position.head.length() > 0 {
            self.lengths.insert(position.head.length());
            self.files.entry(position.head).or_default().push(index);
        }
    }

    /// Files whose first bytes `head` starts with.
    fn find(&self, head: &[u8]) -> Vec<usize> {
        let digests = self.lengths.iter().filter_map(|length| head.get(..*length)).map(Digest::of);
        digests.filter_map(|digest| self.files.get(&digest)).flatten().copied().collect()
    }
}

impl Files {
    /// Takes over the positions of an earlier run; the first scan sorts them.
    pub(crate) fn kept(positions: Vec<Position>) -> Self {
        Self { gone: positions, ..Self::default() }
    }

    /// Sorts what was found; what is wrong with it goes to `problems` and `notices`.
    pub(crate) fn scan(
        &mut self,
        found: &[Candidate],
        config: &FilesConfig,
        problems: &mut Vec<Notice>,
        notices: &mut Vec<Notice>,
    ) {
        let mut known: Vec<Option<Tracked>> = self.gone.drain(..).map(Tracked::kept).map(Some).collect();
        known.extend(self.tracked.drain(..).map(Some));
        let by_inode: HashMap<Inode, usize> =
            known.iter().enumerate().filter_map(|(i, t)| Some((t.as_ref()?.inode(), i))).collect();
        let mut fresh = Vec::new();
        for candidate in found {
            let slot = by_inode.get(&candidate.inode).map(|index| &mut known[*index]);
            let Some(mut tracked) = slot.and_then(Option::take) else {
                fresh.push(candidate);
                continue;
            };
            match tracked.look(candidate, config, notices) {
                Ok(Look::Same) => self.tracked.push(tracked),
                Ok(Look::Different) => {
                    fresh.push(candidate);
                    known[by_inode[&candidate.inode]] = Some(tracked);
                }
                Err(error) => {
                    problems.push(unreadable(candidate, &error));
                    tracked.stamp = None;
                    self.tracked.push(tracked);
                }
            }
        }
        let present: HashSet<Inode> = found.iter().map(|file| file.inode).collect();
        let away = known.iter_mut().flatten().filter(|tracked| leaves(tracked, &present));
        let renewed: Vec<Tracked> = away.filter_map(|tracked| tracked.renewed(config)).collect();
        // What is left of a file that is away may be in a new one as well, which only what was read of it tells.
        let wait = !renewed.is_empty();
        known.extend(renewed.into_iter().map(Some));
        self.take_in(&fresh, &mut known, config, wait, problems, notices);
        for tracked in known.into_iter().flatten() {
            self.let_go(tracked, &present, notices);
        }
        self.tracked.sort_by(|a, b| (!a.leaving, a.fresh, &a.path).cmp(&(!b.leaving, b.fresh, &b.path)));
        self.close_idle();
    }

    /// Finds out for files with an unknown inode whether their content is known; those where it is not may have to
    /// `wait` for the next look.
    fn take_in(
        &mut self,
        fresh: &[&Candidate],
        known: &mut [Option<Tracked>],
        config: &FilesConfig,
        wait: bool,
        problems: &mut Vec<Notice>,
        notices: &mut Vec<Notice>,
    ) {
        if fresh.is_empty() {
            self.waiting.clear();
            return;
        }
        let (mut lost, mut live) = (Heads::default(), Heads::default());
        for (index, tracked) in known.iter().enumerate() {
            tracked.iter().for_each(|tracked| lost.add(&tracked.position, index));
        }
        self.tracked.iter().for_each(|tracked| live.add(&tracked.position, 0));
        let mut waiting = HashMap::new();
        for &candidate in fresh {
            let taken = open(&candidate.path, candidate.inode).and_then(|file| {
                // It was replaced just now: the next look finds what is there then.
                let Some(file) = file else { return Ok(None) };
                let head = head(&file)?;
                let again = find_again(candidate, &file, lost.find(&head), known, config, notices)?;
                if again.is_none() && wait {
                    return Ok(None);
                }
                if again.is_none() && config.follow && !live.find(&head).is_empty() {
                    let looks = self.looks(candidate);
                    if looks < QUIET_LOOKS {
                        waiting.insert(candidate.inode, (candidate.stamp, looks + 1));
                        return Ok(None);
                    }
                }
                Ok(Some(again.unwrap_or_else(|| Tracked::new(candidate, file, config))))
            });
            match taken {
                Ok(tracked) => self.tracked.extend(tracked),
                Err(error) => problems.push(unreadable(candidate, &error)),
            }
        }
        self.waiting = waiting;
    }

    /// For how many looks a file that may be a copy in the making has not changed.
    fn looks(&self, candidate: &Candidate) -> u32 {
        match self.waiting.get(&candidate.inode) {
            Some((stamp, looks)) if *stamp == candidate.stamp => *looks,
            _ => 0,
        }
    }

    /// A file that is no more where it was: read to its end while it is open, else remembered for a while.
    fn let_go(&mut self, mut tracked: Tracked, present: &HashSet<Inode>, notices: &mut Vec<Notice>) {
        if leaves(&tracked, present) {
            (tracked.leaving, tracked.due) = (true, true);
            self.tracked.push(tracked);
            return;
        }
        let position = &mut tracked.position;
        if position.offset == 0 {
            return;
        }
        if position.finished.is_none() && (present.contains(&position.inode) || !stands(position)) {
            notices.push(Notice {
                location: position.path.clone(),
                offset: position.offset,
                message: "is gone, was emptied or replaced before it was read to its end; what it held behind byte \
                          {offset} is missing: bring it back, or rotate files later"
                    .replace("{offset}", &position.offset.to_string()),
            });
            // No file has this size and what was read: said once, and read on should it come back.
            position.finished = Some(0);
        }
        self.remember(tracked.position);
    }

    /// Keeps the position of a file that is gone, or not asked for any more.
    pub(crate) fn remember(&mut self, position: Position) {
        self.gone.push(position);
        let surplus = self.gone.len().saturating_sub(GONE);
        self.gone.drain(..surplus);
    }

    /// Closes the files that were not written to for longest.
    fn close_idle(&mut self) {
        let mut open: Vec<&mut Tracked> =
            self.tracked.iter_mut().filter(|tracked| tracked.can_leave() && !tracked.leaving).collect();
        let surplus = open.len().saturating_sub(OPEN);
        open.sort_by_key(|tracked| (tracked.due, tracked.stamp.map(Stamp::modified)));
        open.into_iter().take(surplus).filter(|tracked| !tracked.due).for_each(Tracked::close);
    }

    /// All positions as they are kept, those of files that are gone first.
    pub(crate) fn checkpoint(&mut self) -> Checkpoint {
        let gone = self.gone.iter().filter_map(|position| Written::default().row(position));
        let mut rows: Vec<Value> = gone.collect();
        rows.extend(self.tracked.iter_mut().filter_map(Tracked::row));
        checkpoint::write(rows)
    }
}

/// A lost file whose content the candidate holds; one that was at the same path is tried first.
fn find_again(
    candidate: &Candidate,
    file: &Arc<File>,
    mut alike: Vec<usize>,
    known: &mut [Option<Tracked>],
    config: &FilesConfig,
    notices: &mut Vec<Notice>,
) -> io::Result<Option<Tracked>> {
    let elsewhere = |index: &usize| {
        known[*index].as_ref().is_none_or(|tracked| Path::new(&tracked.position.path) != candidate.path)
    };
    alike.sort_by_key(elsewhere);
    for index in alike {
        let Some(mut tracked) = known[index].take() else { continue };
        if tracked.take_over(candidate, file.clone(), config, notices)? {
            return Ok(Some(tracked));
        }
        known[index] = Some(tracked);
    }
    Ok(None)
}

/// Whether a file is still where it was last seen: then it is only not asked for this time.
fn stands(position: &Position) -> bool {
    std::fs::metadata(&position.path).is_ok_and(|metadata| Inode::of(&metadata) == position.inode)
}

/// Whether a file is away from its path and can still be read.
fn leaves(tracked: &Tracked, present: &HashSet<Inode>) -> bool {
    tracked.can_leave() && !present.contains(&tracked.inode())
}

fn unreadable(candidate: &Candidate, error: &io::Error) -> Notice {
    Notice { location: candidate.path.display().to_string(), offset: 0, message: reason(error) }
}
