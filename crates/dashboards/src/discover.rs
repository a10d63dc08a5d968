//! Saved searches: the events themselves, in Discover and as panels.

use serde_json::{Value, json};

use crate::definition::{Panel, Shape};
use crate::fields::{FieldError, Fields};
use crate::query;

/// The name of the reference by which a search finds its data view.
pub(crate) const DATA_VIEW_REFERENCE: &str = "kibanaSavedObjectMeta.searchSourceJSON.index";

/// The attributes of the saved search of a panel; `None` for panels of another type.
pub(crate) fn attributes(panel: &Panel, fields: &Fields) -> Result<Option<Value>, FieldError> {
    let Shape::Events(columns) = &panel.shape else { return Ok(None) };
    for column in columns {
        fields.kind(column)?;
    }
    let source = json!({
        "query": {"query": query::kuery(panel), "language": "kuery"}, "filter": [], "highlightAll": true,
        "version": true, "indexRefName": DATA_VIEW_REFERENCE,
    });
    Ok(Some(json!({
        "columns": columns, "sort": [["@timestamp", "desc"]], "grid": {}, "hideChart": false, "isTextBasedQuery": false,
        "timeRestore": false, "kibanaSavedObjectMeta": {"searchSourceJSON": source.to_string()},
    })))
}
