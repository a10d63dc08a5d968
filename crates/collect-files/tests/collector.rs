//! The collector as the delivery loop sees it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by it")]

mod support;

use std::fs::OpenOptions;
use std::future::Future;
use std::io::Write;
use std::pin::pin;
use std::process::Command;
use std::task::{Context, Poll, Waker};

use collect_files::FilesCollector;
use collect_files::reader::Reader;
use event::{CollectError, Collector};
use support::{Folder, Given, drain, gzip, lines};

#[tokio::test]
async fn a_dropped_future_loses_nothing() {
    let folder = Folder::new();
    folder.write("a", lines(0..3_000));
    folder.write("b", gzip(lines(3_000..5_000)));
    let mut config = folder.config(&["*"], false);
    config.split.piece_events = 100;
    let mut collector = FilesCollector::new(config, None).unwrap();
    let mut given = Given::default();
    loop {
        // Asked once and given up, ready or not.
        {
            let next = pin!(collector.next());
            match next.poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Ok(Some(batch))) => given.add(batch),
                Poll::Ready(Ok(None)) => break,
                Poll::Ready(Err(error)) => panic!("{error}"),
                Poll::Pending => {}
            }
        }
        match collector.next().await.unwrap() {
            Some(batch) => given.add(batch),
            None => break,
        }
    }
    assert_eq!(given.numbers(), (0..5_000).collect::<Vec<_>>());
    assert!(collector.next().await.unwrap().is_none(), "the end stays the end");
    assert_eq!(collector.progress().read_bytes(), collector.progress().total_bytes());
}

#[tokio::test]
async fn followed_files_wake_the_collector() {
    let folder = Folder::new();
    folder.write("a", lines(0..2));
    let mut config = folder.config(&["a"], true);
    config.scan_interval = std::time::Duration::from_millis(1);
    let mut collector = FilesCollector::new(config, None).unwrap();
    let mut given = Given::default();
    for end in 1..20 {
        while given.events.len() < 2 * end {
            given.add(collector.next().await.unwrap().unwrap());
        }
        folder.append("a", lines(2 * end..2 * end + 2));
    }
    assert_eq!(given.numbers(), (0..38).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_source_without_files_is_fatal() {
    let folder = Folder::new();
    let mut collector = FilesCollector::new(folder.config(&["missing"], false), None).unwrap();
    let Err(CollectError::Fatal(message)) = collector.next().await else { panic!("no error") };
    assert!(message.contains("missing: can not be read"), "{message}");
}

#[test]
fn a_pipe_is_read_as_it_comes_and_keeps_no_position() {
    let folder = Folder::new();
    assert!(Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap().success());
    folder.write("file", lines(0..1));
    let mut reader = Reader::new(folder.config(&["pipe", "file"], true), None).unwrap();
    let open = || OpenOptions::new().write(true).open(folder.path("pipe")).unwrap();
    assert_eq!(drain(&mut reader).numbers(), [0]);
    let mut pipe = open();
    pipe.write_all(lines(1..3).as_bytes()).unwrap();
    let mut given = Given::default();
    while given.events.len() < 2 {
        drain(&mut reader).batches.into_iter().for_each(|batch| given.add(batch));
    }
    assert_eq!(given.numbers(), [1, 2], "before the pipe is closed");
    assert!(given.batches[0].location.is_none());
    pipe.write_all(lines(3..4).trim_end().as_bytes()).unwrap();
    drop(pipe);
    while given.events.len() < 3 {
        drain(&mut reader).batches.into_iter().for_each(|batch| given.add(batch));
    }
    let files = given.checkpoint().unwrap().0["files"].as_array().unwrap().clone();
    assert_eq!(files.len(), 1, "the file's alone");
}

#[test]
fn a_compressed_pipe_is_read_to_its_end() {
    let folder = Folder::new();
    assert!(Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap().success());
    let path = folder.path("pipe");
    let whole = gzip(lines(0..50_000));
    let cut = whole.len() - 10;
    let writer = std::thread::spawn(move || std::fs::write(path, &whole[..cut]).unwrap());
    let given = drain(&mut Reader::new(folder.config(&["pipe"], false), None).unwrap());
    writer.join().unwrap();
    let good = given.events.len();
    assert_eq!(given.numbers(), (0..good).collect::<Vec<_>>());
    assert!(good > 49_000 && given.messages().contains(&format!("ends too early, at byte {cut}")));
    assert!(given.batches.iter().all(|batch| batch.checkpoint.0.is_null()));
}
