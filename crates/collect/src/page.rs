//! Tells the saved page of an API, and an export, that hold events in a list: `{"events":[{…},…],"pagination":{…},
//! "params":{…}}`, `{"total":…,"limit":…,"offset":…,"logs":[{…},…]}`, `{"organization":…,"exported_at":…,"logs":[{…},…]}`.
//!
//! Such an object is taken for a page, and not for an event, when it begins with `events` or `logs` (others of [`KEYS`]
//! may stand before), which is an array whose first element is an object. An empty array makes a page only beside
//! one of the others. An event of this form is not known in any dataset: one would be taken apart.

use crate::framing::Framing;
use crate::nest::Nest;

/// What a key of a page holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// The events.
    Events,
    /// An object that is no event.
    Object,
    /// Any value that is no event.
    Value,
}

/// Keys of a page, each with its closing quote.
const KEYS: [(&[u8], Holds); 9] = [
    (b"events\"", Holds::Events),
    (b"logs\"", Holds::Events),
    (b"pagination\"", Holds::Object),
    (b"params\"", Holds::Object),
    (b"organization\"", Holds::Value),
    (b"exported_at\"", Holds::Value),
    (b"total\"", Holds::Value),
    (b"limit\"", Holds::Value),
    (b"offset\"", Holds::Value),
];

/// What an object's first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// It is a page.
    Page {
        /// Bytes before its first event, or before what follows its events when there are none.
        length: usize,
        /// What surrounds that place.
        framing: Framing,
    },
    /// More bytes are needed.
    Unknown,
    /// It is none.
    Not,
}

/// Looks at the first bytes of a value.
pub(crate) fn head(bytes: &[u8]) -> Head {
    match (Look { rest: bytes }).page() {
        Ok((rest, framing)) => Head::Page { length: bytes.len() - rest, framing },
        Err(head) => head,
    }
}

/// What was not looked at yet.
struct Look<'a> {
    rest: &'a [u8],
}

impl Look<'_> {
    /// How many bytes are left at the place that [`Head::Page`] tells, and its framing.
    fn page(&mut self) -> Result<(usize, Framing), Head> {
        self.take(b"{")?;
        let mut others = false;
        loop {
            let holds = self.key()?;
            if holds == Holds::Events {
                break;
            }
            others = true;
            self.take(b":")?;
            self.value(holds)?;
            self.take(b",")?;
        }
        self.take(b":")?;
        self.take(b"[")?;
        if self.next()? == b'{' {
            return Ok((self.rest.len(), Framing::PageStart));
        }
        self.take(b"]")?;
        let behind = self.rest.len();
        if !others {
            self.take(b",")?;
            self.key()?;
        }
        Ok((behind, Framing::PageRest))
    }

    /// The next byte that is not blank.
    fn next(&mut self) -> Result<u8, Head> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.first().copied().ok_or(Head::Unknown)
    }

    fn take(&mut self, token: &[u8; 1]) -> Result<(), Head> {
        if self.next()? != token[0] {
            return Err(Head::Not);
        }
        self.rest = &self.rest[1..];
        Ok(())
    }

    /// One of [`KEYS`].
    fn key(&mut self) -> Result<Holds, Head> {
        self.take(b"\"")?;
        if let Some((key, holds)) = KEYS.into_iter().find(|(key, _)| self.rest.starts_with(key)) {
            self.rest = &self.rest[key.len()..];
            return Ok(holds);
        }
        Err(if KEYS.iter().any(|(key, _)| key.starts_with(self.rest)) { Head::Unknown } else { Head::Not })
    }

    /// Passes over what a key holds that is no event.
    fn value(&mut self, holds: Holds) -> Result<(), Head> {
        let first = self.next()?;
        if (holds == Holds::Object && first != b'{') || b"}],:".contains(&first) {
            return Err(Head::Not);
        }
        let end = match first {
            b'{' | b'[' | b'"' => Nest::start(first).end(self.rest),
            // A number or literal of the object that is under way.
            _ => self.rest.iter().position(|b| b.is_ascii_whitespace() || b",}".contains(b)),
        };
        let end = end.ok_or(Head::Unknown)?;
        self.rest = &self.rest[end..];
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_by_their_first_bytes() {
        use Framing::{PageRest, PageStart};
        for (before, behind, framing) in [
            (r#"{"events":["#, r#"{"event_id":"1"}]}"#, PageStart),
            ("{\r\n\t\"events\" : [\n  ", "{}", PageStart),
            (r#"{"params":{"a":"}"},"pagination":{},"events":["#, "{", PageStart),
            (r#"{"events":[]"#, r#","pagination":{}}"#, PageRest),
            (r#"{"pagination":{"page":1},"events":[ ]"#, "}", PageRest),
            (r#"{"organization":"acme","exported_at":"2026-01-01T00:00:00Z","logs":["#, "{", PageStart),
            (r#"{"organization":{"id":1},"exported_at":null,"logs":[]"#, "}", PageRest),
            (r#"{"total":2 ,"limit":20,"offset":0,"logs":["#, r#"{"id":1}]}"#, PageStart),
            (r#"{"logs":["#, "{", PageStart),
        ] {
            let all = format!("{before}{behind}");
            assert_eq!(head(all.as_bytes()), Head::Page { length: before.len(), framing }, "{all}");
            for cut in 0..before.len() {
                assert_eq!(head(&all.as_bytes()[..cut]), Head::Unknown, "{}", &all[..cut]);
            }
        }
        for other in [
            "[",
            "{}",
            "1",
            r#"{"event_id":1,"events":[{}]}"#,
            r#"{"events":{}}"#,
            r#"{"events":[1,{}]}"#,
            r#"{"events":[]}"#,
            r#"{"events":[],"x":1}"#,
            r#"{"events_":[{}]}"#,
            r#"{"params":1,"events":[{}]}"#,
            r#"{"total":2}"#,
            "{\"total\":2}\n{}",
            r#"{"organization":"acme","logs":"none"}"#,
            r#"{"logs":[]}"#,
        ] {
            assert_eq!(head(other.as_bytes()), Head::Not, "{other}");
        }
    }
}
