//! Events as rows of a table, whose values lead to the events that have them.

use super::visible::{cut, visible};
use event::{Doc, NodeId};
use store::{ACTOR, ADDRESS, Event, RESOURCE, Rule, derive};

use crate::question::{Condition, Field, MAX_TEXT, Question, encode};

/// Longer texts are cut in a table, in characters.
const MAX_SHOWN: usize = 200;

/// Which kind of definition an action is about.
const DEFINITIONS: &[Rule] = &[
    Rule::Begins { field: "event.action", with: "script_", gives: "script" },
    Rule::When { field: "event.action", is: &["view_scripts", "execute_script"], gives: "script" },
    Rule::Always("pipeline"),
];

/// A row.
pub(crate) struct Line {
    /// Where the event is shown.
    pub(crate) href: String,
    /// The same, with the view that it is looked at from.
    pub(crate) open: String,
    pub(crate) time: Time,
    pub(crate) action: Option<Cell>,
    pub(crate) actor: Option<Cell>,
    pub(crate) resource: Option<Cell>,
    /// What kind of thing the resource is.
    pub(crate) kind: String,
    pub(crate) address: Option<Cell>,
    /// Its country: a code to show, and the name.
    pub(crate) country: (String, String),
    pub(crate) outcome: Option<Cell>,
    pub(crate) dataset: Option<Cell>,
    pub(crate) message: String,
    /// Whether its pipeline failed.
    pub(crate) failed: bool,
}

/// A value of a row, with the views that have it and that do not.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// More of it, for whom that is not enough.
    pub(crate) title: String,
    /// As it is, where an address can hold it.
    pub(crate) value: String,
    /// What it is a value of.
    pub(crate) field: String,
    pub(crate) links: Option<Links>,
}

/// Where a value leads.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    /// To the events that have it.
    pub(crate) only: String,
    /// To those that have not.
    pub(crate) except: String,
}

/// A time, as it is shown.
pub(crate) struct Time {
    pub(crate) day: String,
    /// With milliseconds.
    pub(crate) clock: String,
    /// All of it.
    pub(crate) full: String,
}

impl Time {
    pub(crate) fn new(time: jiff::Timestamp) -> Self {
        Self {
            day: time.strftime("%Y-%m-%d").to_string(),
            clock: time.strftime("%H:%M:%S.%3f").to_string(),
            full: time.to_string(),
        }
    }

    /// The clock without its seconds.
    pub(crate) fn minute(&self) -> &str {
        self.clock.get(..5).unwrap_or(&self.clock)
    }
}

impl Cell {
    /// A value of a field; it leads nowhere when no address could hold it, or no filter find it fast.
    pub(crate) fn new(field: Field, text: &str, question: &Question) -> Self {
        let condition = Condition::new(field, text);
        let fits = text.len() + condition.field.name().len() < MAX_TEXT && !condition.reads_documents();
        Self {
            text: cut(text, MAX_SHOWN),
            title: cut(text, MAX_TEXT),
            value: if fits { text.to_owned() } else { String::new() },
            field: cut(&condition.field.title().to_lowercase(), MAX_SHOWN),
            links: fits.then(|| Links {
                only: question.with(&condition).href(),
                except: question.with(&condition.inverse()).href(),
            }),
        }
    }
}

impl Line {
    /// Reads an event's document; one that is no JSON has no values.
    pub(crate) fn new(event: &Event, question: &Question) -> Self {
        let mut doc = Doc::new();
        let root = doc.parse_str(&event.source).unwrap_or(Doc::SOURCE);
        let read = Reading { doc: &doc, root };
        let cell = |field: Field, path| {
            let text = read.text(path);
            (!text.is_empty()).then(|| Cell::new(field, &text, question))
        };
        let actor = read.first(ACTOR).map(|(path, text)| Cell::new(Field::of(path), &text, question));
        let resource = read.first(RESOURCE);
        let address = read.first(ADDRESS);
        let country = read.text("source.geo.country_name");
        let code = Some(read.text("source.geo.country_iso_code")).filter(|code| !code.is_empty());
        let open = question.href_on(&href(event));
        Self {
            href: href(event),
            open,
            time: Time::new(event.time),
            action: cell(Field::Action, "event.action"),
            actor,
            kind: resource.as_ref().map(|(path, _)| cut(&read.kind(path), MAX_SHOWN)).unwrap_or_default(),
            resource: resource.map(|(_, text)| Cell::new(Field::Resource, &text, question)),
            address: address.map(|(path, text)| Cell::new(Field::of(path), &text, question)),
            country: (visible(&code.unwrap_or_else(|| country.clone())), visible(&country)),
            outcome: cell(Field::Outcome, "event.outcome"),
            dataset: cell(Field::Dataset, "data_stream.dataset"),
            message: cut(&read.message(), MAX_TEXT),
            failed: read.text("event.kind") == "pipeline_error",
        }
    }

    /// How the outcome is drawn; a name of our own, whatever the text is.
    pub(crate) fn mood(&self) -> &'static str {
        self.outcome.as_ref().map_or("", |cell| match cell.text.as_str() {
            "success" => "success",
            "failure" => "failure",
            _ => "",
        })
    }
}

/// Where an event is shown.
pub(crate) fn href(event: &Event) -> String {
    format!("/events/{}/{}", encode(&event.stream), encode(&event.id))
}

/// A document that texts are read from.
pub(crate) struct Reading<'d> {
    pub(crate) doc: &'d Doc,
    pub(crate) root: NodeId,
}

impl Reading<'_> {
    /// The first text at a path; empty where there is none.
    pub(crate) fn text(&self, path: &'static str) -> String {
        derive(self.doc, self.root, &[Rule::Field(path)])
    }

    /// The first of some paths that has a text, with it.
    pub(crate) fn first(&self, paths: &[&'static str]) -> Option<(&'static str, String)> {
        let mut found = paths.iter().map(|path| (*path, self.text(path)));
        found.find(|(_, text)| !text.is_empty())
    }

    /// What kind of thing a field of resources names.
    pub(crate) fn kind(&self, path: &str) -> String {
        let told = [Rule::Field("cencori.audit.resource.type"), Rule::Field("promptfoo.audit.target")];
        let told = derive(self.doc, self.root, &told);
        if !told.is_empty() {
            return told.to_lowercase().replace('_', " ");
        }
        let path = path.strip_prefix("cursor.audit.").unwrap_or(path);
        match path {
            "trailcar.audit.definition" => derive(self.doc, self.root, DEFINITIONS),
            "url.path" => "page".to_owned(),
            _ if path.starts_with("user.target.group") || path.starts_with("group") => "group".to_owned(),
            _ if path.starts_with("user") => "user".to_owned(),
            _ => path.trim_end_matches("_id").trim_end_matches("_name").replace('_', " "),
        }
    }

    /// `message`, or why the pipeline failed.
    pub(crate) fn message(&self) -> String {
        derive(self.doc, self.root, &[Rule::Field("message"), Rule::Field("error.message")])
    }
}
