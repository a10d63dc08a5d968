//! Maps: Elastic's base map and the events above it, gathered into clusters.

use serde_json::{Value, json};

use crate::definition::{Panel, Shape, TimeRange};
use crate::fields::{FieldError, Fields};
use crate::query;

/// The name of the reference by which the layer of clusters finds its data view.
pub(crate) const DATA_VIEW_REFERENCE: &str = "layer_1_source_index_pattern";

/// The attributes of the map of a panel; `None` for panels of another type.
pub(crate) fn attributes(
    panel: &Panel,
    time: &TimeRange,
    fields: &Fields,
) -> Result<Option<Value>, FieldError> {
    let Shape::Map(field) = &panel.shape else { return Ok(None) };
    fields.is_point(field)?;
    let base = json!({
        "id": "base", "label": null, "type": "EMS_VECTOR_TILE", "alpha": 1, "visible": true, "minZoom": 0, "maxZoom": 24,
        "includeInFitToBounds": true, "style": {"type": "EMS_VECTOR_TILE", "color": ""},
        "sourceDescriptor": {"type": "EMS_TMS", "isAutoSelect": true, "lightModeDefault": "road_map_desaturated"},
    });
    let size = json!({
        "type": "DYNAMIC",
        "options": {"minSize": 7, "maxSize": 32, "field": {"name": "doc_count", "origin": "source"}},
    });
    let clusters = json!({
        "id": "clusters", "label": "Events", "type": "GEOJSON_VECTOR", "alpha": 0.75, "visible": true, "minZoom": 0,
        "maxZoom": 24, "includeInFitToBounds": true, "joins": [],
        "sourceDescriptor": {
            "type": "ES_GEO_GRID", "id": "clusters", "geoField": field, "requestType": "point", "resolution": "COARSE",
            "metrics": [{"type": "count"}], "applyGlobalQuery": true, "applyGlobalTime": true, "applyForceRefresh": true,
            "indexPatternRefName": DATA_VIEW_REFERENCE,
        },
        "style": {"type": "VECTOR", "isTimeAware": true, "properties": {"iconSize": size}},
    });
    let state = json!({
        "zoom": 1.3, "center": {"lon": 0, "lat": 25}, "timeFilters": {"from": time.from, "to": time.to},
        "refreshConfig": {"isPaused": true, "interval": 60000},
        "query": {"query": query::kuery(panel), "language": "kuery"}, "filters": [],
    });
    Ok(Some(json!({
        "layerListJSON": json!([base, clusters]).to_string(),
        "mapStateJSON": state.to_string(),
        "uiStateJSON": json!({"isLayerTOCOpen": false, "openTOCDetails": []}).to_string(),
    })))
}
