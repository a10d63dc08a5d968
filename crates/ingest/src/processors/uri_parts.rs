//! `uri_parts`: the parts of a URI.
//!
//! A text is first read as `java.net.URI` reads it (RFC 2396, and letters beyond ASCII); what that refuses, a space
//! in the path for instance, is read as `java.net.URL` reads it, which takes nearly anything of a known protocol.

use std::borrow::Cow;

use event::doc::{Place, Text};
use event::{Data, Doc, FieldPath, Key, NodeId};
use percent_encoding::percent_decode_str;

use super::string::wrong_class;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::field::value_of;
use crate::options::Options;
use crate::pipeline::{Flow, Processor, Run};
use crate::scratch;

pub(super) const INFO: Info = Info {
    name: "uri_parts",
    summary: "Splits a URI into its parts.",
    options: &[
        ("field", "", "URI to split"),
        ("target_field", "url", "object that holds the parts; one that is there is replaced"),
        ("keep_original", "true", "whether the URI goes to target_field.original"),
        ("remove_if_successful", "false", "whether field is removed when the URI was split"),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
    ],
    examples: &[
        Example {
            about: "all there is in a URI",
            processor: "uri_parts: {field: u, remove_if_successful: true}",
            before: r#"{"u":"http://me:pw@example.com:8080/a/b.gif?k=1&l=2#frag"}"#,
            after: Ok(
                r#"{"url":{"original":"http://me:pw@example.com:8080/a/b.gif?k=1&l=2#frag","scheme":"http","domain":"example.com","port":8080,"path":"/a/b.gif","extension":"gif","query":"k=1&l=2","fragment":"frag","user_info":"me:pw","username":"me","password":"pw"}}"#,
            ),
        },
        Example {
            about: "a path with spaces is no URI but a URL",
            processor: "uri_parts: {field: u, target_field: u, keep_original: false}",
            before: r#"{"u":"https://example.com/a b"}"#,
            after: Ok(r#"{"u":{"scheme":"https","domain":"example.com","path":"/a b"}}"#),
        },
        Example {
            about: "what is neither is an error",
            processor: "uri_parts: {field: u}",
            before: r#"{"u":"not a uri"}"#,
            after: Err("unable to parse URI [not a uri]"),
        },
    ],
    differences: &[],
    compile,
};

struct UriParts {
    field: FieldPath,
    target: FieldPath,
    keep_original: bool,
    remove: bool,
    ignore_missing: bool,
    names: [Key; 11],
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let target = options.path_or("target_field", "url")?;
    let remove = options.boolean("remove_if_successful", false)? && field != target;
    Ok(Box::new(UriParts {
        field,
        target,
        remove,
        names: NAMES.map(Key::new),
        keep_original: options.boolean("keep_original", true)?,
        ignore_missing: options.boolean("ignore_missing", false)?,
    }))
}

impl Processor for UriParts {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let null = |field: &str| format!("field [{field}] is null, cannot parse URI.");
        let Some(node) = value_of(doc, &self.field, self.ignore_missing, null)? else {
            return Ok(Flow::Continue);
        };
        let Some(text) = doc.str_at(node) else {
            return Err(wrong_class(self.field.as_str(), doc.class_name(node), "java.lang.String"));
        };
        let object = scratch::with(|copy| {
            copy.push_str(doc.text(text));
            let parts = Parts::read(copy)
                .ok_or_else(|| Failure::illegal_argument(format!("unable to parse URI [{copy}]")))?;
            Ok::<_, Failure>(parts.object(doc, &self.names, self.keep_original.then_some(text)))
        })?;
        if self.remove {
            doc.detach(&self.field)?;
        }
        doc.set(&self.target, object)?;
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}

/// The parts of a URI, escapes decoded.
#[derive(Default)]
struct Parts<'a> {
    scheme: Option<Cow<'a, str>>,
    user_info: Option<Cow<'a, str>>,
    host: Option<&'a str>,
    port: Option<i32>,
    path: Option<Cow<'a, str>>,
    query: Option<Cow<'a, str>>,
    fragment: Option<Cow<'a, str>>,
}

/// The fields of the result, in their order.
const NAMES: [&str; 11] = [
    "original",
    "scheme",
    "domain",
    "path",
    "extension",
    "query",
    "fragment",
    "user_info",
    "username",
    "password",
    "port",
];

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Option<Self> {
        Self::as_uri(text).or_else(|| Self::as_url(text))
    }

    fn as_uri(text: &'a str) -> Option<Self> {
        if !allowed_in_uri(text) || !escapes_are_whole(text) {
            return None;
        }
        let (rest, fragment) = split_at(text, '#');
        if fragment.is_some_and(|fragment| fragment.contains('#')) {
            return None;
        }
        let (scheme, rest) = match rest.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            Some((before, _)) if !before.contains(['/', '?']) => return None,
            _ => (None, rest),
        };
        // An opaque URI, mailto for instance, has neither authority nor path.
        let mut parts =
            Self { scheme: scheme.map(Cow::Borrowed), fragment: fragment.map(decode), ..Self::default() };
        if scheme.is_some() && !rest.starts_with('/') {
            return (!rest.is_empty()).then_some(parts);
        }
        let (rest, query) = split_at(rest, '?');
        parts.query = query.map(decode);
        let path = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                if authority.is_empty() && path.is_empty() {
                    return None;
                }
                parts.authority(authority)?;
                path
            }
            None => rest,
        };
        parts.path = Some(decode(path));
        Some(parts)
    }

    /// Server authority; one that is not of that form has no parts, as in Java, which takes brackets in none but that.
    fn authority(&mut self, authority: &'a str) -> Option<()> {
        let (user_info, server) = match authority.rsplit_once('@') {
            Some((user, server)) => (Some(user), server),
            None => (None, authority),
        };
        let (host, port) = match server.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (server, ""),
        };
        let port = if port.is_empty() { None } else { Some(port.parse::<i32>()) };
        if matches!(port, Some(Err(_))) || !is_host(host) {
            return (!authority.contains(['[', ']'])).then_some(());
        }
        self.user_info = user_info.map(decode);
        self.host = Some(host);
        self.port = port.and_then(Result::ok);
        Some(())
    }

    fn as_url(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let scheme = scheme.trim_start().to_lowercase();
        if !matches!(scheme.as_str(), "http" | "https" | "ftp" | "file" | "jar" | "mailto") {
            return None;
        }
        let (rest, fragment) = split_at(rest, '#');
        let (rest, query) = split_at(rest, '?');
        let mut parts = Self {
            scheme: Some(scheme.into()),
            query: query.map(Cow::Borrowed),
            fragment: fragment.map(Cow::Borrowed),
            ..Self::default()
        };
        let path = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let (user, server) = match authority.rsplit_once('@') {
                    Some((user, server)) => (Some(Cow::Borrowed(user)), server),
                    None => (None, authority),
                };
                let (host, port) = match server.rsplit_once(':') {
                    Some((host, port)) if !port.contains(']') => (host, port),
                    _ => (server, ""),
                };
                if host.starts_with('[') && !is_host(host) {
                    return None;
                }
                parts.port = if port.is_empty() { None } else { Some(port.parse().ok()?) };
                parts.user_info = user;
                parts.host = Some(host);
                path
            }
            None => rest,
        };
        parts.path = Some(path.into());
        Some(parts)
    }

    fn object(&self, doc: &mut Doc, names: &[Key; 11], original: Option<Text>) -> NodeId {
        let object = doc.node(Data::EMPTY_OBJECT);
        let [original_name, texts @ .., port_name] = names;
        if let Some(original) = original {
            let node = doc.node(Data::Str(original));
            doc.put(object, original_name, node);
        }
        let extension = self.path.as_deref().and_then(|path| path.rsplit_once('.'));
        let login = self.user_info.as_deref().and_then(|info| info.split_once(':'));
        let values: [Option<&str>; 9] = [
            self.scheme.as_deref(),
            self.host,
            self.path.as_deref(),
            extension.map(|(_, extension)| extension),
            self.query.as_deref(),
            self.fragment.as_deref(),
            self.user_info.as_deref(),
            login.map(|(user, _)| user),
            login.map(|(_, password)| password),
        ];
        for (name, value) in texts.iter().zip(values) {
            if let Some(value) = value {
                let node = doc.string(value);
                doc.put(object, name, node);
            }
        }
        if let Some(port) = self.port {
            let node = doc.node(Data::int(port));
            doc.put(object, port_name, node);
        }
        object
    }
}

fn split_at(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// RFC 2396's characters, with `[` and `]` for IPv6, and Java's "other": beyond ASCII, no control and no space.
fn allowed_in_uri(text: &str) -> bool {
    const ALLOWED: [bool; 128] = {
        let mut allowed = [false; 128];
        let signs = b"-_.!~*'();/?:@&=+$,%#[]";
        let mut at = 0;
        while at < signs.len() {
            allowed[signs[at] as usize] = true;
            at += 1;
        }
        let mut byte = 0_u8;
        while byte < 128 {
            allowed[byte as usize] |= byte.is_ascii_alphanumeric();
            byte += 1;
        }
        allowed
    };
    let ascii = |byte: u8| ALLOWED.get(usize::from(byte)).is_none_or(|allowed| *allowed);
    text.bytes().all(ascii)
        && (text.is_ascii() || text.chars().all(|c| c.is_ascii() || (!c.is_control() && !c.is_whitespace())))
}

fn escapes_are_whole(text: &str) -> bool {
    text.match_indices('%').all(|(at, _)| {
        text.as_bytes().get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    })
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// A host name whose last label begins with a letter, an IPv4 address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address
            .split('%')
            .next()
            .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok());
    }
    if host.parse::<std::net::Ipv4Addr>().is_ok() {
        return true;
    }
    let mut labels = host.strip_suffix('.').unwrap_or(host).split('.');
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    labels.clone().all(label)
        && labels.next_back().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()))
}
