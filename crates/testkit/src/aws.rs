//! A small S3 and SQS in this process, for what a real service does not do on demand: fail, cut bodies, hold answers,
//! hand a message out again. Buckets are named in the path; there is one queue; requests are not authenticated.

mod answer;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use parking_lot::Mutex;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What goes wrong with the next call of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is refused with this status and code; nothing is done.
    Refuse(u16, &'static str),
    /// It is done, and answered with a 500.
    Unclear,
    /// The body ends after so many bytes, and the connection with it.
    Cut(usize),
    /// The body stops after so many bytes until [`FakeAws::release`].
    Hold(usize),
}

/// The service. It ends when this is dropped.
#[derive(Debug)]
pub struct FakeAws {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
    released: Notify,
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<(String, String), Object>,
    messages: Vec<Message>,
    faults: BTreeMap<&'static str, VecDeque<Fault>>,
    calls: Vec<Call>,
    signers: Vec<Signer>,
    numbers: u64,
}

/// An object.
#[derive(Clone, Debug)]
struct Object {
    bytes: Vec<u8>,
    etag: String,
    modified: i64,
}

#[derive(Clone, Debug)]
struct Message {
    id: String,
    body: String,
    received: u32,
    /// The handle of its last receipt, while it is hidden.
    hidden: Option<String>,
}

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `GetObject`, for instance.
    pub operation: &'static str,
    /// Its bucket and key, or what it says.
    pub of: String,
}

/// Whose credentials a request was signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The key.
    pub access_key_id: String,
    /// The token of temporary ones.
    pub session_token: Option<String>,
}

impl FakeAws {
    /// Starts it.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::<Shared>::default();
        let app = axum::Router::new().fallback(answer::answer).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                tracing::warn!("the fake ended: {error}");
            }
        });
        Ok(Self { address, shared, task })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its address, for a proxy before it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of its queue.
    pub fn queue_url(&self) -> String {
        format!("{}/000000000000/queue", self.url())
    }

    /// Writes an object, modified at that time; no notification is sent. Gives its entity tag.
    pub fn put(&self, bucket: &str, key: &str, bytes: impl Into<Vec<u8>>, modified: i64) -> String {
        let state = &mut *self.shared.state.lock();
        state.numbers += 1;
        let etag = format!("etag{}", state.numbers);
        let object = Object { bytes: bytes.into(), etag: etag.clone(), modified };
        state.objects.insert((bucket.to_owned(), key.to_owned()), object);
        etag
    }

    /// Deletes an object.
    pub fn delete(&self, bucket: &str, key: &str) {
        self.shared.state.lock().objects.remove(&(bucket.to_owned(), key.to_owned()));
    }

    /// Puts a message into the queue.
    pub fn send(&self, body: impl Into<String>) {
        let state = &mut *self.shared.state.lock();
        state.numbers += 1;
        let id = format!("message{}", state.numbers);
        state.messages.push(Message { id, body: body.into(), received: 0, hidden: None });
        self.shared.changed.notify_waiters();
    }

    /// Puts a notification of objects into the queue, one record each, with the entity tags that they have now.
    pub fn notify(&self, bucket: &str, keys: &[&str]) {
        let records: Vec<_> = keys.iter().map(|key| self.record(bucket, key)).collect();
        self.send(json!({ "Records": records }).to_string());
    }

    /// S3's record of an object.
    pub fn record(&self, bucket: &str, key: &str) -> serde_json::Value {
        let state = self.shared.state.lock();
        let etag = state.objects.get(&(bucket.to_owned(), key.to_owned())).map(|object| object.etag.clone());
        let encoded = key.replace('%', "%25").replace('+', "%2B").replace(' ', "+").replace('/', "%2F");
        json!({
            "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": bucket }, "object": { "key": encoded, "eTag": etag } },
        })
    }

    /// The visibility of all messages that were received expires.
    pub fn expire(&self) {
        self.shared.state.lock().messages.iter_mut().for_each(|message| message.hidden = None);
        self.shared.changed.notify_waiters();
    }

    /// Messages in the queue, hidden ones included.
    pub fn messages(&self) -> usize {
        self.shared.state.lock().messages.len()
    }

    /// Messages in the queue that are hidden.
    pub fn hidden(&self) -> usize {
        self.shared.state.lock().messages.iter().filter(|message| message.hidden.is_some()).count()
    }

    /// What goes wrong with the next calls of an operation, each with the next fault; afterwards it works.
    pub fn fail(&self, operation: &'static str, faults: impl IntoIterator<Item = Fault>) {
        self.shared.state.lock().faults.entry(operation).or_default().extend(faults);
    }

    /// Lets bodies that are held go on.
    pub fn release(&self) {
        self.shared.released.notify_waiters();
    }

    /// Calls so far.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state.lock().calls.clone()
    }

    /// Whose credentials the requests so far were signed with.
    pub fn signers(&self) -> Vec<Signer> {
        self.shared.state.lock().signers.clone()
    }

    /// How often an operation was called.
    pub fn count(&self, operation: &str) -> usize {
        self.shared.state.lock().calls.iter().filter(|call| call.operation == operation).count()
    }

    /// Waits until something holds; looks after every call.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if holds(self) {
                return;
            }
            changed.await;
        }
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        self.task.abort();
    }
}
