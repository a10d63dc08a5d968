//! Files of which every event is settled, told by a checkpoint.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by it")]

mod support;

use collect_files::is_read;
use event::Checkpoint;
use support::{Folder, lines, read};

#[test]
fn only_what_a_checkpoint_covers_to_the_last_byte_is_read() {
    let folder = Folder::new();
    folder.write("a.ndjson", lines(0..3_000));
    folder.write("b.ndjson", lines(3_000..3_010));
    let given = read(&folder.config(&["*"], false), None);
    let last = &given.batches.last().unwrap().checkpoint;
    let is_read = |name: &str, checkpoint: &Checkpoint| is_read(checkpoint, &folder.path(name));
    assert!(is_read("a.ndjson", last) && is_read("b.ndjson", last));
    assert!(!is_read("c.ndjson", last) && !is_read("a.ndjson", &Checkpoint::default()));
    let first = &given.batches.first().unwrap().checkpoint;
    assert!(!is_read("b.ndjson", first));

    folder.rename("a.ndjson", "old.ndjson");
    assert!(is_read("old.ndjson", last));
    folder.append("old.ndjson", lines(0..1));
    assert!(!is_read("old.ndjson", last));
    // Another file of the same size, at the same inode.
    folder.truncate("b.ndjson", lines(3_010..3_020));
    assert!(!is_read("b.ndjson", last));
}
