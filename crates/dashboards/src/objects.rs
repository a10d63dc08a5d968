//! Saved objects as Kibana exports them.

use serde_json::{Value, json};

use crate::definition::{Definition, Panel};
use crate::fields::{FieldError, Fields};
use crate::{dashboard, discover, lens, maps};

/// Why a definition makes no dashboard.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum GeneratorError {
    #[error("{panel}: {error}")]
    Field { panel: String, error: FieldError },
    #[error("the row of {panel} is {width} columns wide; a row has 48")]
    Width { panel: String, width: u32 },
}

/// Makes the saved objects of a definition.
pub struct Generator<'a> {
    /// What to make.
    pub definition: &'a Definition,
    /// The fields that events have.
    pub fields: &'a Fields,
}

impl Generator<'_> {
    /// The data view, the objects of the panels, the saved searches, the dashboard: what an object refers to comes
    /// before it.
    ///
    /// # Errors
    /// A field that is not mapped or not fit, or a row that does not fill its width.
    pub fn objects(&self) -> Result<Vec<Value>, GeneratorError> {
        let mut objects = vec![self.data_view()];
        let mut types = Vec::new();
        for panel in self.definition.panels() {
            let (kind, object) = self.panel(panel)?;
            types.push(kind);
            objects.push(object);
        }
        for search in &self.definition.searches {
            objects.push(self.panel(search)?.1);
        }
        let (attributes, references) = dashboard::attributes(self.definition, self.fields, &types)?;
        objects.push(object("dashboard", &self.definition.id, "8.9.0", attributes, references));
        Ok(objects)
    }

    /// The objects, one a line.
    ///
    /// # Errors
    /// As [`Generator::objects`].
    pub fn ndjson(&self) -> Result<String, GeneratorError> {
        Ok(self.objects()?.iter().map(|object| format!("{object}\n")).collect())
    }

    fn data_view(&self) -> Value {
        let view = &self.definition.data_view;
        let attributes = json!({
            "title": view.pattern, "name": view.name, "timeFieldName": "@timestamp", "allowNoIndex": true,
            "sourceFilters": "[]", "fields": "[]", "fieldAttrs": "{}", "fieldFormatMap": "{}",
            "runtimeFieldMap": "{}", "typeMeta": "{}",
        });
        object("index-pattern", &view.id, "8.0.0", attributes, Vec::new())
    }

    /// The type and the object of a panel, with the version of the type whose shape it has: Kibana brings older
    /// objects up to date when it imports them.
    fn panel(&self, panel: &Panel) -> Result<(&'static str, Value), GeneratorError> {
        let failed = |error| GeneratorError::Field { panel: panel.id.clone(), error };
        for (field, _) in panel.matching.0.iter().chain(&panel.without.0) {
            self.fields.kind(field).map_err(failed)?;
        }
        let lens = lens::attributes(panel, self.fields).map_err(failed)?;
        let map = maps::attributes(panel, &self.definition.time, self.fields).map_err(failed)?;
        let events = discover::attributes(panel, self.fields).map_err(failed)?;
        let made = lens
            .map(|attributes| ("lens", "8.9.0", attributes, lens::data_view_reference()))
            .or_else(|| {
                map.map(|attributes| ("map", "8.4.0", attributes, maps::DATA_VIEW_REFERENCE.to_owned()))
            })
            .or_else(|| {
                events.map(|attributes| {
                    ("search", "8.0.0", attributes, discover::DATA_VIEW_REFERENCE.to_owned())
                })
            });
        let Some((kind, version, mut attributes, reference_name)) = made else {
            unreachable!("every shape is one of the three")
        };
        attributes["title"] = json!(format!("{}: {}", self.definition.title, panel.title));
        attributes["description"] = json!("");
        let reference = reference("index-pattern", &self.definition.data_view.id, &reference_name);
        Ok((kind, object(kind, &self.definition.object_id(panel), version, attributes, vec![reference])))
    }
}

impl Definition {
    /// The id of a panel's saved object.
    pub(crate) fn object_id(&self, panel: &Panel) -> String {
        format!("{}-{}", self.id, panel.id)
    }
}

pub(crate) fn reference(kind: &str, id: &str, name: &str) -> Value {
    json!({"type": kind, "id": id, "name": name})
}

fn object(kind: &str, id: &str, version: &str, attributes: Value, references: Vec<Value>) -> Value {
    json!({
        "type": kind, "id": id, "attributes": attributes, "references": references,
        "coreMigrationVersion": "8.8.0", "typeMigrationVersion": version, "managed": false,
    })
}
