//! The dashboard: where its panels lie, and its drop-down filters.

use serde_json::{Map, Value, json};

use crate::definition::{Control, Definition, GRID_WIDTH};
use crate::fields::{FieldError, Fields};
use crate::objects::{GeneratorError, reference};

/// The attributes and references of the dashboard. `types` are the types of its panels' objects, in their order.
pub(crate) fn attributes(
    definition: &Definition,
    fields: &Fields,
    types: &[&'static str],
) -> Result<(Value, Vec<Value>), GeneratorError> {
    let (panels, mut references) = panels(definition, types)?;
    let controls = controls(definition, fields, &mut references)
        .map_err(|error| GeneratorError::Field { panel: "controls".to_owned(), error })?;
    let options = json!({
        "useMargins": true, "syncColors": true, "syncCursor": true, "syncTooltips": false, "hidePanelTitles": false,
    });
    let source = json!({"query": {"query": "", "language": "kuery"}, "filter": []});
    let parent = json!({
        "ignoreFilters": false, "ignoreQuery": false, "ignoreTimerange": false, "ignoreValidations": false,
    });
    let attributes = json!({
        "title": definition.title, "description": definition.description, "version": 1,
        "timeRestore": true, "timeFrom": definition.time.from, "timeTo": definition.time.to,
        "optionsJSON": options.to_string(),
        "panelsJSON": panels.to_string(),
        "kibanaSavedObjectMeta": {"searchSourceJSON": source.to_string()},
        "controlGroupInput": {
            "chainingSystem": "HIERARCHICAL", "controlStyle": "oneLine",
            "ignoreParentSettingsJSON": parent.to_string(), "panelsJSON": controls.to_string(),
        },
    });
    Ok((attributes, references))
}

fn panels(definition: &Definition, types: &[&'static str]) -> Result<(Value, Vec<Value>), GeneratorError> {
    let (mut panels, mut references) = (Vec::new(), Vec::new());
    let mut types = types.iter();
    let mut y = 0;
    for row in &definition.rows {
        let mut x = 0;
        for (panel, kind) in row.panels.iter().zip(&mut types) {
            let place = json!({"x": x, "y": y, "w": panel.width, "h": row.height, "i": panel.id});
            panels.push(json!({
                "type": kind, "panelIndex": panel.id, "gridData": place, "embeddableConfig": {"enhancements": {}},
                "panelRefName": format!("panel_{}", panel.id), "title": panel.title,
            }));
            let name = format!("{0}:panel_{0}", panel.id);
            references.push(reference(kind, &definition.object_id(panel), &name));
            x += panel.width;
        }
        if x != GRID_WIDTH {
            return Err(GeneratorError::Width { panel: row.panels[0].id.clone(), width: x });
        }
        y += row.height;
    }
    Ok((Value::Array(panels), references))
}

fn controls(
    definition: &Definition,
    fields: &Fields,
    references: &mut Vec<Value>,
) -> Result<Value, FieldError> {
    let mut controls = Map::new();
    for (order, Control { title, field }) in definition.controls.iter().enumerate() {
        fields.lens_type(field)?;
        let id = format!("control-{order}");
        let input = json!({
            "id": id, "fieldName": field, "title": title, "searchTechnique": "prefix", "selectedOptions": [],
            "sort": {"by": "_count", "direction": "desc"},
        });
        references.push(reference(
            "index-pattern",
            &definition.data_view.id,
            &format!("controlGroup_{id}:optionsListDataView"),
        ));
        let control = json!({
            "type": "optionsListControl", "order": order, "width": "medium", "grow": true, "explicitInput": input,
        });
        controls.insert(id, control);
    }
    Ok(Value::Object(controls))
}
