//! `fingerprint`: a digest of fields.
//!
//! What is fed to the hash: the salt, then for each field, in the order of their names, the name, a zero byte and
//! the value; maps in the order of their keys. Elasticsearch documents the options and not these bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use event::{Data, Doc, FieldPath, NodeId};
use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Sha256, Sha512};

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "fingerprint",
    summary: "Computes a digest of fields, for ids that are the same for the same content.",
    options: &[
        ("fields", "", "fields to hash; their order does not matter"),
        ("target_field", "fingerprint", "where the digest goes, in base64"),
        ("salt", "", "text to begin the hash with"),
        ("method", "SHA-1", "MD5, SHA-1, SHA-256, SHA-512 or MurmurHash3"),
        ("ignore_missing", "false", "whether missing fields are left out; when all are, nothing is set"),
    ],
    examples: &[
        Example {
            about: "the order of the fields does not matter",
            processor: "fingerprint: {fields: [b, a], method: SHA-256, target_field: f}",
            before: r#"{"a":"x","b":[1,{"k":true}]}"#,
            after: Ok(r#"{"a":"x","b":[1,{"k":true}],"f":"Vn4do0+kirIw8TVC5Ucx3A690r8xiLECJGPuVtFWs48="}"#),
        },
        Example {
            about: "a missing field is an error",
            processor: "fingerprint: {fields: [a]}",
            before: "{}",
            after: Err("missing field [a] when calculating fingerprint"),
        },
        Example {
            about: "unless it may be missing",
            processor: "fingerprint: {fields: [a], ignore_missing: true}",
            before: "{}",
            after: Ok("{}"),
        },
    ],
    differences: &[
        "Elasticsearch does not document which bytes are hashed: a digest is the same for the same content, and may be another one than Elasticsearch's",
    ],
    compile,
};

#[derive(Clone, Copy)]
enum Method {
    Md5,
    Sha1,
    Sha256,
    Sha512,
    Murmur3,
}

struct Fingerprint {
    fields: Vec<FieldPath>,
    target: FieldPath,
    salt: String,
    method: Method,
    ignore_missing: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let mut names = options.strings("fields")?.unwrap_or_default();
    if names.is_empty() {
        return Err(OptionError::of("fields", "must specify at least one field"));
    }
    names.sort_unstable();
    names.dedup();
    let fields = names.iter().map(|name| options.known("fields", name)).collect::<Result<_, _>>()?;
    let target = options.path_or("target_field", "fingerprint")?;
    let method = match options.optional_string("method")?.as_deref() {
        None | Some("SHA-1") => Method::Sha1,
        Some("MD5") => Method::Md5,
        Some("SHA-256") => Method::Sha256,
        Some("SHA-512") => Method::Sha512,
        Some("MurmurHash3") => Method::Murmur3,
        Some(other) => {
            let reason = format!(
                "[{other}] must be one of the supported hash methods [MD5, SHA-1, SHA-256, SHA-512, MurmurHash3]"
            );
            return Err(OptionError::of("method", reason));
        }
    };
    let salt = options.optional_string("salt")?.unwrap_or_default();
    let ignore_missing = options.boolean("ignore_missing", false)?;
    Ok(Box::new(Fingerprint { fields, target, salt, method, ignore_missing }))
}

impl Processor for Fingerprint {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(self.salt.as_bytes());
        let mut any = false;
        for field in &self.fields {
            match doc.find(field).filter(|node| doc.data(*node) != Data::Null) {
                Some(node) => {
                    any = true;
                    bytes.extend_from_slice(field.as_str().as_bytes());
                    feed(doc, node, &mut bytes);
                }
                None if self.ignore_missing => {}
                None => {
                    let reason = format!("missing field [{}] when calculating fingerprint", field.as_str());
                    return Err(Failure::illegal_argument(reason));
                }
            }
        }
        if any {
            let digest = STANDARD.encode(self.method.digest(&bytes));
            let node = doc.string(&digest);
            doc.set(&self.target, node)?;
        }
        Ok(Flow::Continue)
    }
}

impl Method {
    fn digest(self, bytes: &[u8]) -> Box<[u8]> {
        fn with(mut hash: impl DynDigest, bytes: &[u8]) -> Box<[u8]> {
            hash.update(bytes);
            Box::new(hash).finalize()
        }
        match self {
            Self::Md5 => with(Md5::default(), bytes),
            Self::Sha1 => with(Sha1::default(), bytes),
            Self::Sha256 => with(Sha256::default(), bytes),
            Self::Sha512 => with(Sha512::default(), bytes),
            Self::Murmur3 => fastmurmur3::murmur3_x64_128(bytes, 0).to_be_bytes().into(),
        }
    }
}

/// Appends a value, each scalar behind a zero byte.
fn feed(doc: &Doc, node: NodeId, out: &mut Vec<u8>) {
    match doc.data(node) {
        Data::Object(_) => {
            let mut children: Vec<NodeId> = doc.children(node).collect();
            children.sort_unstable_by(|a, b| doc.key(*a).cmp(doc.key(*b)));
            for child in children {
                out.push(0);
                out.extend_from_slice(doc.key(child).as_bytes());
                feed(doc, child, out);
            }
        }
        Data::Array(_) => doc.children(node).for_each(|child| feed(doc, child, out)),
        Data::Null => out.push(0),
        Data::Bool(value) => out.extend_from_slice(&[0, if value.get() { 1 } else { 2 }]),
        _ => {
            out.push(0);
            match doc.as_str(node) {
                Some(text) => out.extend_from_slice(text.as_bytes()),
                None => out.extend_from_slice(doc.scalar_text(node).unwrap_or_default().as_bytes()),
            }
        }
    }
}
