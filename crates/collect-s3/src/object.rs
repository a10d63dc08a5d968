//! One object: streamed, inflated, split, and handed out in batches.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use collect::{Ending, EventReader, InflateError, Paused, SplitProblem};
use event::{CollectError, Notice, Settled};
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::context::{Context, Parts, notice};
use crate::feed::Feed;
use crate::trouble::{Asked, Kind, kind, says, trouble};

/// Versions of an object that are read one after the other, while others write it again and again.
const VERSIONS: usize = 3;

/// An object that is to be read.
pub(crate) struct Wanted<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    /// Its entity tag when it was told of or listed.
    pub(crate) etag: Option<&'a str>,
}

/// How it came out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What of it can not be read: where, and why. Reading it again gives the same.
    pub(crate) faults: Vec<Fault>,
    /// Events that were handed out.
    pub(crate) events: u64,
}

/// Something that can not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) location: String,
    pub(crate) offset: u64,
    pub(crate) reason: String,
}

/// Whether batches say when they are settled: gathers the receivers.
pub(crate) type Settling = Vec<oneshot::Receiver<()>>;

/// What opening gave.
enum Opened {
    Body(Box<GetObjectOutput>),
    /// It is gone, or not wanted, or can not be had: said here.
    Nothing(Option<Notice>, Option<Fault>),
    /// It was overwritten since it was opened first.
    Changed,
}

/// Reads an object to its end. What passes is waited out; each batch says to `settling` when it is settled.
pub(crate) async fn read(
    context: &Context,
    wanted: &Wanted<'_>,
    mut settling: Option<&mut Settling>,
) -> Outcome {
    let location: Arc<str> = format!("s3://{}/{}", wanted.bucket, wanted.key).into();
    let mut object = Object { context, wanted, location, outcome: Outcome::default(), notices: Vec::new() };
    for version in 1..=VERSIONS {
        if object.version(&mut settling, version == VERSIONS).await {
            break;
        }
        object.note(0, "was overwritten while it was read: its new content is read from the start");
    }
    object.hand_out(collect::Piece::default(), &mut settling).await;
    object.outcome
}

struct Object<'a> {
    context: &'a Context,
    wanted: &'a Wanted<'a>,
    location: Arc<str>,
    outcome: Outcome,
    notices: Vec<Notice>,
}

impl Object<'_> {
    fn note(&mut self, offset: u64, message: impl ToString) {
        self.notices.push(notice(&self.location, offset, message));
    }

    /// Reads the content that is there now; false when it became another one on the way.
    async fn version(&mut self, settling: &mut Option<&mut Settling>, last: bool) -> bool {
        let output = match self.open(None, 0).await {
            Opened::Body(output) => output,
            Opened::Nothing(notice, fault) => {
                self.notices.extend(notice);
                self.outcome.faults.extend(fault);
                return true;
            }
            Opened::Changed => return false,
        };
        let etag = output.e_tag.clone();
        let now = etag.as_deref().map(|etag| etag.trim_matches('"'));
        if let (Some(told), Some(now)) = (self.wanted.etag, now)
            && told != now
        {
            self.note(0, "was overwritten before it was read: its present content is read");
        }
        let mut body = Body {
            length: output.content_length.and_then(|length| u64::try_from(length).ok()),
            stream: output.body,
            received: 0,
            resumed: 0,
            // On the last try it is read whatever it has become.
            etag: etag.filter(|_| !last),
            cut: false,
            feed: Feed::default(),
        };
        let limits = (self.context.config.inflate, self.context.config.split);
        let mut reader = EventReader::new(body.feed.clone(), limits.0, limits.1);
        loop {
            let ended = match reader.read() {
                Ok(Paused::Full) => false,
                Ok(Paused::End) => {
                    reader.finish(if body.cut { Ending::MayGrow } else { Ending::Complete });
                    true
                }
                Err(InflateError::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    if !self.more(&mut body).await {
                        return false;
                    }
                    continue;
                }
                Err(error) => {
                    reader.fail(&error);
                    self.fault(reader.stream().compressed_offset(), error.to_string());
                    true
                }
            };
            let piece = reader.take();
            for problem in &piece.problems {
                match problem {
                    SplitProblem::StrayComma { offset } => self.note(*offset, problem),
                    SplitProblem::TooLong { offset, .. } | SplitProblem::Unclosed { offset } => {
                        self.fault(*offset, problem.to_string());
                    }
                }
            }
            if !piece.events.is_empty() {
                self.hand_out(piece, settling).await;
            }
            if ended {
                return true;
            }
        }
    }

    /// Notes something that can not be read, and says so.
    fn fault(&mut self, offset: u64, reason: String) {
        self.note(offset, &reason);
        self.outcome.faults.push(Fault { location: self.location.to_string(), offset, reason });
    }

    /// Hands out events, with what was noted so far; nothing when there is neither.
    async fn hand_out(&mut self, piece: collect::Piece, settling: &mut Option<&mut Settling>) {
        if piece.events.is_empty() && self.notices.is_empty() {
            return;
        }
        self.outcome.events += piece.events.len() as u64;
        let settled = settling.as_mut().map(|settling| {
            let (sender, receiver) = oneshot::channel();
            settling.push(receiver);
            // The message may have been given up meanwhile.
            Settled::new(move || {
                let _gone = sender.send(());
            })
        });
        let parts = Parts {
            location: Some(Arc::clone(&self.location)),
            piece,
            notices: std::mem::take(&mut self.notices),
            settled,
            ..Parts::default()
        };
        self.context.hand_out(parts).await;
    }

    /// Asks for the object, from a byte on, until there is an answer.
    async fn open(&self, etag: Option<&str>, from: u64) -> Opened {
        let Wanted { bucket, key, .. } = *self.wanted;
        loop {
            let mut request = self.context.clients.s3.get_object().bucket(bucket).key(key);
            if from > 0 {
                request = request.range(format!("bytes={from}-")).set_if_match(etag.map(str::to_owned));
            }
            let error = match request.send().await {
                Ok(output) => return self.opened(output),
                Err(error) => error,
            };
            match kind(&error) {
                Kind::NoKey => {
                    let message = "is gone, deleted before it was read: nothing of it is collected";
                    return Opened::Nothing(Some(notice(&self.location, 0, message)), None);
                }
                Kind::Changed => return Opened::Changed,
                Kind::Archived => {
                    return self.unreadable("is archived: restore it, and have it told of again");
                }
                // One object among others that can be read: what denies it is its own.
                Kind::Denied if self.context.readable.swap(false, Relaxed) => {
                    return self.unreadable(&format!("is denied while others are not: {}", says(&error)));
                }
                _ => {}
            }
            let asked = Asked { permission: "s3:GetObject", place: &self.location };
            self.context.outlet.trouble(trouble(asked, &error)).await;
        }
    }

    fn opened(&self, output: GetObjectOutput) -> Opened {
        self.context.readable.store(true, Relaxed);
        let written = output.last_modified.and_then(|time| Timestamp::from_second(time.secs()).ok());
        let selection = &self.context.config.selection;
        if written.is_some_and(|written| !selection.takes_time(written, Timestamp::now())) {
            return Opened::Nothing(None, None);
        }
        Opened::Body(Box::new(output))
    }

    fn unreadable(&self, reason: &str) -> Opened {
        let fault = Fault { location: self.location.to_string(), offset: 0, reason: reason.to_owned() };
        Opened::Nothing(Some(notice(&self.location, 0, reason)), Some(fault))
    }

    /// Feeds the next bytes, over as many connections as that takes; false when the object has changed.
    async fn more(&mut self, body: &mut Body) -> bool {
        let limit = self.context.config.access.api_timeout;
        loop {
            let reason = match tokio::time::timeout(limit, body.stream.try_next()).await {
                Ok(Ok(Some(chunk))) => {
                    body.received += chunk.len() as u64;
                    body.feed.push(chunk);
                    return true;
                }
                Ok(Ok(None)) if body.length.is_none_or(|length| body.received >= length) => {
                    body.feed.end();
                    return true;
                }
                Ok(Ok(None)) => "the connection ended before the object did".to_owned(),
                Ok(Err(error)) => crate::trouble::chain(&error),
                Err(_) => format!("no bytes came for {} s", limit.as_secs()),
            };
            if body.length.is_some_and(|length| body.received >= length) {
                body.feed.end();
                return true;
            }
            if body.received == body.resumed {
                let told =
                    format!("{} can not be read on at byte {}: {reason}", self.location, body.received);
                self.context.outlet.trouble(CollectError::Retry(told)).await;
            }
            body.resumed = body.received;
            let etag = body.etag.clone();
            match self.open(etag.as_deref(), body.received).await {
                // Whoever does not go on there begins at the start.
                Opened::Body(output) if output.content_range.is_none() => return false,
                Opened::Body(output) => body.stream = output.body,
                Opened::Changed => return false,
                Opened::Nothing(_, fault) => {
                    let reason =
                        fault.map_or("is gone, deleted while it was read".to_owned(), |fault| fault.reason);
                    self.fault(body.received, format!("{reason}; what is before is read"));
                    body.cut = true;
                    body.feed.end();
                    return true;
                }
            }
        }
    }
}

/// The bytes of an object, as they come.
struct Body {
    stream: ByteStream,
    length: Option<u64>,
    received: u64,
    /// Where the connection began.
    resumed: u64,
    etag: Option<String>,
    /// Whether its end is missing.
    cut: bool,
    feed: Feed,
}
