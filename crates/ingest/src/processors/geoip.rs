//! `geoip` and `ip_location`: where an address is.

use std::net::IpAddr;
use std::sync::Arc;

use event::doc::Place;
use event::{Data, Doc, FieldPath, NodeId};
use smallvec::SmallVec;

use super::{Compiled, Example, Info};
use crate::abreast::MAX_LANES;
use crate::failure::Failure;
use crate::field::value_of;
use crate::lookup::{GeoAnswer, GeoRequest, GeoView};
use crate::options::{OptionError, Options};
use crate::pipeline::{Abreast, Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "geoip",
    summary: "Looks an IP address up in a MaxMind database.",
    options: &[
        ("field", "", "address, or list of addresses"),
        ("target_field", "geoip", "object that the answer goes to"),
        ("database_file", "GeoLite2-City.mmdb", "file name of the database"),
        ("properties", "by type of database", "what to look up"),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
        ("first_only", "true", "whether of a list only the first address that is found counts"),
        ("download_database_on_pipeline_creation", "true", "accepted; databases are never downloaded here"),
    ],
    examples: &[
        Example {
            about: "without the database the document is tagged, and that is all",
            processor: "geoip: {field: ip}",
            before: r#"{"ip":"192.0.2.1"}"#,
            after: Ok(r#"{"ip":"192.0.2.1","tags":["_geoip_database_unavailable_GeoLite2-City.mmdb"]}"#),
        },
        Example {
            about: "what is no address is an error",
            processor: "geoip: {field: ip}",
            before: r#"{"ip":"x"}"#,
            after: Err("'x' is not an IP string literal."),
        },
        Example {
            about: "null is an error",
            processor: "geoip: {field: ip}",
            before: r#"{"ip":null}"#,
            after: Err("field [ip] is null, cannot extract geoip information."),
        },
        Example {
            about: "so is a number",
            processor: "geoip: {field: ip}",
            before: r#"{"ip":5}"#,
            after: Err("field [ip] should contain only string or array of strings"),
        },
    ],
    differences: &[
        "databases are files in the directory of databases and are never downloaded; where one is missing, documents are tagged as in Elasticsearch",
    ],
    compile: |options| compile(options, "geoip"),
};

pub(super) const IP_LOCATION: Info = Info {
    name: "ip_location",
    summary: "Looks an IP address up in a database of locations, as geoip does.",
    options: &[
        ("field", "", "address, or list of addresses"),
        ("target_field", "ip_location", "object that the answer goes to"),
        ("database_file", "GeoLite2-City.mmdb", "file name of the database"),
        ("properties", "by type of database", "what to look up"),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
        ("first_only", "true", "whether of a list only the first address that is found counts"),
        ("download_database_on_pipeline_creation", "true", "accepted; databases are never downloaded here"),
    ],
    examples: &[Example {
        about: "without the database the document is tagged, and that is all",
        processor: "ip_location: {field: ip}",
        before: r#"{"ip":"192.0.2.1"}"#,
        after: Ok(r#"{"ip":"192.0.2.1","tags":["_ip_location_database_unavailable_GeoLite2-City.mmdb"]}"#),
    }],
    differences: &[
        "databases are files in the directory of databases and are never downloaded; where one is missing, documents are tagged as in Elasticsearch",
    ],
    compile: |options| compile(options, "ip_location"),
};

const DEFAULT_DATABASE: &str = "GeoLite2-City.mmdb";

struct GeoIp {
    field: FieldPath,
    target: FieldPath,
    view: Arc<dyn GeoView>,
    unavailable: String,
    tags: FieldPath,
    ignore_missing: bool,
    first_only: bool,
}

fn compile(options: &mut Options<'_, '_>, name: &str) -> Compiled {
    let field = options.path("field")?;
    let target = options.path_or("target_field", name)?;
    let database_file =
        options.optional_string("database_file")?.unwrap_or_else(|| DEFAULT_DATABASE.to_owned());
    let properties = options.strings("properties")?;
    options.boolean("download_database_on_pipeline_creation", true)?;
    let ignore_missing = options.boolean("ignore_missing", false)?;
    let first_only = options.boolean("first_only", true)?;
    let unavailable = format!("_{name}_database_unavailable_{database_file}");
    let view = options
        .databases()
        .view(&GeoRequest { database_file, properties })
        .map_err(|reason| OptionError::of("properties", reason))?;
    Ok(Box::new(GeoIp {
        field,
        target,
        view,
        unavailable,
        tags: options.known("tags", "tags")?,
        ignore_missing,
        first_only,
    }))
}

impl Processor for GeoIp {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let null = |field: &str| format!("field [{field}] is null, cannot extract geoip information.");
        let Some(node) = value_of(doc, &self.field, self.ignore_missing, null)? else {
            return Ok(Flow::Continue);
        };
        match doc.data(node) {
            Data::Array(_) => self.list(doc, node)?,
            _ => match self.look_up(doc, node, false)? {
                GeoAnswer::Found(found) => doc.set(&self.target, found)?,
                GeoAnswer::NotFound => {}
                GeoAnswer::Unavailable => self.tag(doc)?,
            },
        }
        Ok(Flow::Continue)
    }

    fn abreast(&self) -> Abreast {
        Abreast::Foresees(self.field.certain_place())
    }

    fn foresee(&self, docs: &mut dyn Iterator<Item = &Doc>) {
        let place = self.field.certain_place();
        let address = |doc: &Doc| doc.address(doc.at_place(place)?);
        let addresses: SmallVec<[IpAddr; MAX_LANES]> = docs.filter_map(address).collect();
        self.view.foresee(&addresses);
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}

impl GeoIp {
    fn look_up(&self, doc: &mut Doc, node: NodeId, in_list: bool) -> Result<GeoAnswer, Failure> {
        let Some(text) = doc.as_str(node) else {
            let field = self.field.as_str();
            return Err(Failure::illegal_argument(if in_list {
                format!("array in field [{field}] should only contain strings")
            } else {
                format!("field [{field}] should contain only string or array of strings")
            }));
        };
        let Some(address) = doc.address(node) else {
            return Err(Failure::illegal_argument(format!("'{text}' is not an IP string literal.")));
        };
        Ok(self.view.find(address, doc))
    }

    /// A list of addresses gives the first answer, or a list of answers with null for what is not found.
    fn list(&self, doc: &mut Doc, node: NodeId) -> Result<(), Failure> {
        let answers = doc.node(Data::EMPTY_ARRAY);
        let mut any = false;
        let mut next = doc.first_child(node);
        while let Some(element) = next {
            next = doc.next_sibling(element);
            match self.look_up(doc, element, true)? {
                GeoAnswer::Unavailable => return self.tag(doc),
                GeoAnswer::Found(found) if self.first_only => {
                    doc.set(&self.target, found)?;
                    return Ok(());
                }
                GeoAnswer::Found(found) => {
                    any = true;
                    doc.push(answers, found);
                }
                GeoAnswer::NotFound => {
                    let null = doc.node(Data::Null);
                    doc.push(answers, null);
                }
            }
        }
        if any {
            doc.set(&self.target, answers)?;
        }
        Ok(())
    }

    /// Tags the document as Elasticsearch does where it has no database.
    fn tag(&self, doc: &mut Doc) -> Result<(), Failure> {
        let tag = doc.string(&self.unavailable);
        match doc.find(&self.tags) {
            Some(tags) if matches!(doc.data(tags), Data::Array(_)) => {
                if !doc.children(tags).any(|old| doc.equals(old, tag)) {
                    doc.push(tags, tag);
                }
            }
            old => {
                let tags = doc.node(Data::EMPTY_ARRAY);
                if let Some(old) = old {
                    let old = doc.copy(old);
                    doc.push(tags, old);
                }
                doc.push(tags, tag);
                doc.set(&self.tags, tags)?;
            }
        }
        Ok(())
    }
}
