//! Normalized documents, ready to be sent.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::RawBatch;

/// One document of a [`DocumentBatch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Index of the raw event in [`RawBatch::events`].
    pub event: u32,
    /// The data stream (or index) it belongs to.
    pub stream: Arc<str>,
    /// Whether its pipeline failed (`event.kind: pipeline_error`); it is delivered all the same.
    pub failed: bool,
    /// `_id`, in the buffer. Not longer than Elasticsearch's 512 bytes.
    pub(crate) id: Range<u32>,
    /// The `create` action with its newline, in the buffer; the source follows it.
    pub(crate) action: u32,
    /// The source without its newline, in the buffer.
    pub(crate) source: Range<u32>,
}

/// What became of a [`RawBatch`]: its documents in the form of Elasticsearch's `_bulk` body.
///
/// The buffer holds, for each document, an action line `{"create":{"_index":…,"_id":…}}` and a source line, so a
/// destination that speaks `_bulk` sends it as it is, and the others take the source out.
#[derive(Clone, Debug)]
pub struct DocumentBatch {
    /// Where it came from; kept until every document is answered for.
    pub raw: Arc<RawBatch>,
    /// The documents, in the order of their events.
    pub documents: Vec<Document>,
    /// Events that a pipeline dropped.
    pub dropped: u64,
    /// Shared with requests that send it; nobody else has it while documents are appended.
    buffer: Arc<Vec<u8>>,
}

/// A batch's buffer in a request.
struct Sent(Arc<Vec<u8>>);

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl DocumentBatch {
    /// An empty batch for the events of `raw`.
    pub fn new(raw: Arc<RawBatch>) -> Self {
        let events = raw.events.len();
        Self {
            documents: Vec::with_capacity(events),
            dropped: 0,
            buffer: Vec::with_capacity(raw.buffer.len() * 3).into(),
            raw,
        }
    }

    /// Appends a document; `write` appends its source, as JSON on one line, to the buffer.
    pub fn push(
        &mut self,
        event: u32,
        stream: &Arc<str>,
        id: &str,
        failed: bool,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        self.push_with(event, stream, id, failed, b"", write);
    }

    /// [`DocumentBatch::push`] with more members of its action, each behind a comma: `,"routing":"x"`.
    pub fn push_with(
        &mut self,
        event: u32,
        stream: &Arc<str>,
        id: &str,
        failed: bool,
        more: &[u8],
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let buffer = Arc::make_mut(&mut self.buffer);
        let action = buffer.len() as u32;
        match self.documents.last() {
            // Mostly it is the stream of the document before, and the action begins as that one's.
            Some(last) if Arc::ptr_eq(&last.stream, stream) => {
                buffer.extend_from_within(last.action as usize..last.id.start as usize - 1);
            }
            _ => {
                buffer.extend_from_slice(br#"{"create":{"_index":"#);
                crate::doc::write_string(stream, buffer);
                buffer.extend_from_slice(br#","_id":"#);
            }
        }
        let start = buffer.len() as u32 + 1;
        crate::doc::write_string(id, buffer);
        let end = buffer.len() as u32 - 1;
        buffer.extend_from_slice(more);
        buffer.extend_from_slice(b"}}\n");
        let source = buffer.len() as u32;
        write(buffer);
        let source = source..buffer.len() as u32;
        buffer.push(b'\n');
        self.documents.push(Document {
            event,
            stream: Arc::clone(stream),
            failed,
            id: start..end,
            action,
            source,
        });
    }

    /// The whole `_bulk` body.
    pub fn bulk(&self) -> &[u8] {
        &self.buffer
    }

    /// Action and source line of one document, both with their newlines.
    pub fn lines(&self, document: &Document) -> &[u8] {
        &self.buffer[document.action as usize..document.source.end as usize + 1]
    }

    /// The lines of some documents, without a copy; `None` where others stand between them.
    pub fn run_of(&self, documents: &[u32]) -> Option<Bytes> {
        let of = |document: &u32| &self.documents[*document as usize];
        let (first, last) = (of(documents.first()?), of(documents.last()?));
        let adjoin = |pair: &[u32]| of(&pair[0]).source.end + 1 == of(&pair[1]).action;
        documents.windows(2).all(adjoin).then(|| {
            let all = Bytes::from_owner(Sent(Arc::clone(&self.buffer)));
            all.slice(first.action as usize..last.source.end as usize + 1)
        })
    }

    /// The source of one document: JSON on one line, without a newline.
    pub fn source(&self, document: &Document) -> &[u8] {
        &self.buffer[document.source.start as usize..document.source.end as usize]
    }

    /// `_id` of one document, as JSON writes it between its quotes (base64 and hexadecimal ids: as it is).
    pub fn id(&self, document: &Document) -> &str {
        std::str::from_utf8(self.id_bytes(document)).unwrap_or_default()
    }

    /// The bytes of [`DocumentBatch::id`].
    pub fn id_bytes(&self, document: &Document) -> &[u8] {
        &self.buffer[document.id.start as usize..document.id.end as usize]
    }

    /// The raw event of one document.
    pub fn raw(&self, document: &Document) -> &[u8] {
        self.raw.events.get(document.event as usize).map_or(&[], |event| self.raw.bytes(event))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{Checkpoint, Dataset, Source};

    #[test]
    fn every_document_has_the_action_of_its_stream() {
        let raw = RawBatch {
            source: Arc::new(Source::new("test", Dataset::new("a.b").unwrap())),
            sequence: 0,
            location: None,
            buffer: Vec::new().into(),
            events: Vec::new(),
            collected: Timestamp::UNIX_EPOCH,
            checkpoint: Checkpoint::default(),
            notices: Vec::new(),
            set_aside: Vec::new(),
            settled: None,
        };
        let mut batch = DocumentBatch::new(Arc::new(raw));
        let streams: [Arc<str>; 2] = ["one".into(), "t\"wo".into()];
        let pushed = [(0, "a"), (0, "b\""), (1, ""), (1, "d"), (0, "e")];
        for (stream, id) in pushed {
            batch.push(7, &streams[stream], id, false, |out| out.extend_from_slice(b"{}"));
        }
        for (document, (stream, id)) in batch.documents.iter().zip(pushed) {
            let action = serde_json::json!({"create": {"_index": &*streams[stream], "_id": id}});
            assert_eq!(batch.lines(document), format!("{action}\n{{}}\n").as_bytes());
            assert_eq!(batch.id(document), id.replace('"', "\\\""));
            assert_eq!(batch.source(document), b"{}");
        }
        let all: Vec<u32> = (0..pushed.len() as u32).collect();
        assert_eq!(batch.run_of(&all).unwrap(), batch.bulk());
        assert_eq!(
            batch.run_of(&[2, 3]).unwrap(),
            [
                &b"{\"create\":{\"_index\":\"t\\\"wo\",\"_id\":\"\"}}\n{}\n"[..],
                batch.lines(&batch.documents[3])
            ]
            .concat()
        );
        assert_eq!([&[][..], &[0, 2], &[1, 0]].map(|documents| batch.run_of(documents)), [None, None, None]);
        for more in [&b",\"routing\":\"r\""[..], b""] {
            batch.push_with(7, &streams[0], "a", false, more, |out| out.extend_from_slice(b"{}"));
        }
        let lines: Vec<_> = batch.documents[5..].iter().map(|document| batch.lines(document)).collect();
        assert_eq!(lines[0], b"{\"create\":{\"_index\":\"one\",\"_id\":\"a\",\"routing\":\"r\"}}\n{}\n");
        assert_eq!(lines[1], b"{\"create\":{\"_index\":\"one\",\"_id\":\"a\"}}\n{}\n");
    }
}
