//! `registered_domain`: the parts of a host name, told apart by the public suffix list.
//!
//! OpenSearch has none, so what is expected is what Elastic's page "Registered domain processor" says.

use event::doc::Place;
use event::{Data, Doc, FieldPath, Key, NodeId};

use super::string::wrong_class;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::Options;
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "registered_domain",
    summary: "Splits a host name into the registered domain, its top-level domain and the subdomain.",
    options: &[
        ("field", "", "field with the host name"),
        ("target_field", "", "object that the parts go to; the top by default"),
        ("ignore_missing", "true", "whether a missing field, and a name without parts, is no error"),
    ],
    examples: &[
        Example {
            about: "the top-level domain is what domains are registered under",
            processor: "registered_domain: {field: fqdn, target_field: url}",
            before: r#"{"fqdn":"www.example.ac.uk"}"#,
            after: Ok(
                r#"{"fqdn":"www.example.ac.uk","url":{"domain":"www.example.ac.uk","registered_domain":"example.ac.uk","top_level_domain":"ac.uk","subdomain":"www"}}"#,
            ),
        },
        Example {
            about: "without a target the parts go to the top",
            processor: "registered_domain: {field: f}",
            before: r#"{"f":"example.com"}"#,
            after: Ok(
                r#"{"f":"example.com","domain":"example.com","registered_domain":"example.com","top_level_domain":"com"}"#,
            ),
        },
        Example {
            about: "a name that is a top-level domain has no others",
            processor: "registered_domain: {field: f, target_field: t}",
            before: r#"{"f":"co.uk"}"#,
            after: Ok(r#"{"f":"co.uk","t":{"domain":"co.uk","top_level_domain":"co.uk"}}"#),
        },
        Example {
            about: "a missing field may be an error",
            processor: "registered_domain: {field: f, ignore_missing: false}",
            before: "{}",
            after: Err("unable to set domain information for document"),
        },
    ],
    differences: &[],
    compile,
};

struct RegisteredDomain {
    field: FieldPath,
    target: Option<FieldPath>,
    keys: [Key; 4],
    ignore_missing: bool,
}

/// The fields of the answer.
const PARTS: [&str; 4] = ["domain", "registered_domain", "top_level_domain", "subdomain"];

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let target = options.optional_string("target_field")?.filter(|target| !target.is_empty());
    let target = target.map(|target| options.known("target_field", &target)).transpose()?;
    let ignore_missing = options.boolean("ignore_missing", true)?;
    Ok(Box::new(RegisteredDomain { field, target, keys: PARTS.map(Key::new), ignore_missing }))
}

impl Processor for RegisteredDomain {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let name = match doc.find(&self.field).map(|node| (node, doc.data(node))) {
            None | Some((_, Data::Null)) => String::new(),
            Some((_, Data::Str(text))) => doc.text(text).to_owned(),
            Some((node, _)) => {
                return Err(wrong_class(self.field.as_str(), doc.class_name(node), "java.lang.String"));
            }
        };
        let Some(parts) = parts(&name) else {
            if self.ignore_missing {
                return Ok(Flow::Continue);
            }
            return Err(Failure::illegal_argument("unable to set domain information for document"));
        };
        let object = self.object(doc)?;
        for (key, part) in self.keys.iter().zip(parts) {
            if let Some(part) = part {
                let node = doc.string(part);
                doc.put(object, key, node);
            }
        }
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}

impl RegisteredDomain {
    /// The object that the parts are put into, made where there is none.
    fn object(&self, doc: &mut Doc) -> Result<NodeId, Failure> {
        let Some(target) = &self.target else { return Ok(Doc::SOURCE) };
        match doc.find(target) {
            Some(node) if matches!(doc.data(node), Data::Object(_)) => Ok(node),
            Some(node) => {
                let class = doc.class_name(node);
                let field = target.as_str();
                Err(Failure::illegal_argument(format!(
                    "cannot set [domain] with parent object of type [{class}] as part of path [{field}.domain]"
                )))
            }
            None => {
                let made = doc.node(Data::EMPTY_OBJECT);
                doc.set(target, made)?;
                Ok(made)
            }
        }
    }
}

/// Domain, registered domain, top-level domain and subdomain of a name; none where it has not even a top-level domain.
fn parts(name: &str) -> Option<[Option<&str>; 4]> {
    let empty_label = |name: &str| name.is_empty() || name.starts_with('.') || name.contains("..");
    if empty_label(name) || name.chars().any(char::is_whitespace) {
        return None;
    }
    let labels = name.strip_suffix('.').unwrap_or(name);
    let suffix = psl::suffix_str(labels)?;
    let Some(registered) = psl::domain_str(labels) else {
        return Some([Some(name), None, Some(suffix), None]);
    };
    let subdomain = labels.strip_suffix(registered).and_then(|rest| rest.strip_suffix('.'));
    Some([Some(name), Some(registered), Some(suffix), subdomain])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_split_at_public_suffixes() {
        for (name, registered, suffix, subdomain) in [
            ("www.google.com", Some("google.com"), "com", Some("www")),
            ("a.b.example.co.uk", Some("example.co.uk"), "co.uk", Some("a.b")),
            (
                "content-autofill.googleapis.com",
                Some("content-autofill.googleapis.com"),
                "googleapis.com",
                None,
            ),
            (
                "1.www.global.ssl.fastly.net",
                Some("www.global.ssl.fastly.net"),
                "global.ssl.fastly.net",
                Some("1"),
            ),
            ("com", None, "com", None),
        ] {
            let parts = parts(name).unwrap();
            assert_eq!(parts[0], Some(name));
            assert_eq!(parts[1..], [registered, Some(suffix), subdomain], "{name}");
        }
        assert_eq!([parts(""), parts(".com"), parts("a..com"), parts("a b.com")], [None; 4]);
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(name in "([a-z.]{0,30}|\\PC{0,30})") {
            if let Some([Some(domain), Some(registered), Some(suffix), _]) = parts(&name) {
                prop_assert!(domain.trim_end_matches('.').ends_with(registered) && registered.ends_with(suffix));
            }
        }
    }
}
