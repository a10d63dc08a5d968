//! Texts that are read as IP addresses. Several processors of a pipeline ask for the same one: it is read once.

use std::cell::Cell;
use std::net::IpAddr;

use super::{Doc, NodeId, Text};

/// The text that was read last, and what it is.
pub(super) type LastAddress = Cell<Option<(Text, Option<IpAddr>)>>;

impl Doc {
    /// A node's string as an IP address; `None` where it is neither.
    #[inline]
    pub fn address(&self, id: NodeId) -> Option<IpAddr> {
        let text = self.str_at(id)?;
        match self.address.get() {
            Some((last, address)) if last == text => address,
            _ => self.read_address(text),
        }
    }

    #[inline(never)]
    fn read_address(&self, text: Text) -> Option<IpAddr> {
        let address = self.text(text).parse().ok();
        self.address.set(Some((text, address)));
        address
    }
}

#[cfg(test)]
mod tests {
    use crate::Doc;

    #[test]
    fn an_address_is_that_of_its_text() {
        let mut doc = Doc::new();
        for _ in 0..2 {
            let (one, two, none) =
                (doc.string("192.0.2.1"), doc.string("2001:db8::1"), doc.string("unknown"));
            for (node, expected) in
                [(one, Some("192.0.2.1")), (two, Some("2001:db8::1")), (none, None), (one, Some("192.0.2.1"))]
            {
                for _ in 0..2 {
                    assert_eq!(doc.address(node).map(|address| address.to_string()).as_deref(), expected);
                }
            }
            // Where a text stood another one stands later.
            let mark = doc.mark();
            let gone = doc.string("192.0.2.2");
            assert!(doc.address(gone).is_some());
            doc.rewind(mark);
            let other = doc.string("192.0.2.x");
            assert_eq!(doc.address(other), None);
            doc.clear();
            assert_eq!(doc.address(Doc::SOURCE), None);
        }
    }
}
