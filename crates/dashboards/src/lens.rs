//! Charts and tables: Lens objects with one layer of columns, and the picture that is drawn of them.

use serde_json::{Map, Value, json};

use crate::definition::{Figure, Panel, Shape};
use crate::fields::{FieldError, Fields};
use crate::query;

const LAYER: &str = "events";
/// The pseudo field of Lens for "number of documents".
const DOCUMENTS: &str = "___records___";

/// The attributes of the Lens object of a panel; `None` for panels of another type.
pub(crate) fn attributes(panel: &Panel, fields: &Fields) -> Result<Option<Value>, FieldError> {
    let mut columns = Columns { fields, columns: Map::new() };
    let (kind, visualization) = match &panel.shape {
        Shape::Metric(figure) => {
            let value = columns.figure("value", figure, &panel.title)?;
            ("lnsMetric", json!({"layerId": LAYER, "layerType": "data", "metricAccessor": value}))
        }
        Shape::OverTime { split } => {
            let split = columns.terms("split", split, 10, "value", true)?;
            let time = columns.time("time");
            let value = columns.figure("value", &Figure::Count, "Events")?;
            ("lnsXY", xy("bar_stacked", &time, &value, Some(&split)))
        }
        Shape::Bars { of, size } => {
            let bar = columns.terms("bar", of, *size, "value", true)?;
            let value = columns.figure("value", &Figure::Count, "Events")?;
            ("lnsXY", xy("bar_horizontal", &bar, &value, None))
        }
        Shape::Donut { of } => {
            let slice = columns.terms("slice", of, 10, "value", true)?;
            let value = columns.figure("value", &Figure::Count, "Events")?;
            ("lnsPie", donut(&slice, &value))
        }
        Shape::Table { rows, order, columns: figures } => {
            let table = columns.table(&rows.0, order.as_ref(), figures)?;
            ("lnsDatatable", table)
        }
        Shape::Map(_) | Shape::Events(_) => return Ok(None),
    };
    let order: Vec<&String> = columns.columns.keys().collect();
    let layer =
        json!({"columnOrder": order, "columns": columns.columns, "incompleteColumns": {}, "sampling": 1});
    Ok(Some(json!({
        "visualizationType": kind,
        "state": {
            "visualization": visualization,
            "query": {"query": query::kuery(panel), "language": "kuery"},
            "filters": [],
            "datasourceStates": {"formBased": {"layers": {LAYER: layer}}},
            "internalReferences": [],
            "adHocDataViews": {},
        },
    })))
}

/// The name of the reference by which the layer finds its data view.
pub(crate) fn data_view_reference() -> String {
    format!("indexpattern-datasource-layer-{LAYER}")
}

/// The columns of the layer, buckets first, by their ids.
struct Columns<'a> {
    fields: &'a Fields,
    columns: Map<String, Value>,
}

impl Columns<'_> {
    fn add(&mut self, id: &str, column: Value) -> String {
        self.columns.insert(id.to_owned(), column);
        id.to_owned()
    }

    fn time(&mut self, id: &str) -> String {
        let column = json!({
            "label": "@timestamp", "dataType": "date", "operationType": "date_histogram", "sourceField": "@timestamp",
            "isBucketed": true, "scale": "interval",
            "params": {"interval": "auto", "includeEmptyRows": true, "dropPartials": false},
        });
        self.add(id, column)
    }

    /// The most frequent values of a field, or those that another column puts first.
    fn terms(
        &mut self,
        id: &str,
        field: &str,
        size: u32,
        by: &str,
        other: bool,
    ) -> Result<String, FieldError> {
        let column = json!({
            "label": field, "customLabel": true, "dataType": self.fields.lens_type(field)?,
            "operationType": "terms", "sourceField": field, "isBucketed": true, "scale": "ordinal",
            "params": {
                "size": size, "orderBy": {"type": "column", "columnId": by}, "orderDirection": "desc",
                "otherBucket": other, "missingBucket": false, "parentFormat": {"id": "terms"},
                "include": [], "exclude": [], "includeIsRegex": false, "excludeIsRegex": false,
            },
        });
        Ok(self.add(id, column))
    }

    fn figure(&mut self, id: &str, figure: &Figure, label: &str) -> Result<String, FieldError> {
        let (operation, field, kind) = match figure {
            Figure::Count => ("count", DOCUMENTS, "number"),
            Figure::Distinct(field) => {
                self.fields.lens_type(field)?;
                ("unique_count", field.as_str(), "number")
            }
            Figure::First(field) => ("min", field.as_str(), self.fields.lens_type(field)?),
            Figure::Last(field) => ("max", field.as_str(), self.fields.lens_type(field)?),
        };
        let column = json!({
            "label": label, "customLabel": true, "dataType": kind, "operationType": operation, "sourceField": field,
            "isBucketed": false, "scale": "ratio", "params": {"emptyAsNull": figure != &Figure::Count},
        });
        Ok(self.add(id, column))
    }

    fn table(
        &mut self,
        rows: &[(String, u32)],
        order: Option<&Figure>,
        figures: &[Figure],
    ) -> Result<Value, FieldError> {
        let by = figures.iter().position(|figure| figure == order.unwrap_or(&Figure::Count)).unwrap_or(0);
        let by = format!("figure{by}");
        let mut shown = Vec::new();
        for (number, (field, size)) in rows.iter().enumerate() {
            shown.push(self.terms(&format!("row{number}"), field, *size, &by, false)?);
        }
        for (number, figure) in figures.iter().enumerate() {
            shown.push(self.figure(&format!("figure{number}"), figure, &label(figure))?);
        }
        let columns: Vec<Value> =
            shown.iter().map(|id| json!({"columnId": id, "isTransposed": false})).collect();
        Ok(json!({
            "layerId": LAYER, "layerType": "data", "columns": columns,
            "paging": {"enabled": true, "size": 10},
            "sorting": {"columnId": by, "direction": "desc"},
        }))
    }
}

fn label(figure: &Figure) -> String {
    match figure {
        Figure::Count => "Events".to_owned(),
        Figure::Distinct(field) => format!("Different {field}"),
        Figure::First(field) if field == "@timestamp" => "First seen".to_owned(),
        Figure::Last(field) if field == "@timestamp" => "Last seen".to_owned(),
        Figure::First(field) => format!("Least {field}"),
        Figure::Last(field) => format!("Greatest {field}"),
    }
}

fn xy(series: &str, x: &str, y: &str, split: Option<&str>) -> Value {
    let mut layer = json!({
        "layerId": LAYER, "layerType": "data", "seriesType": series, "position": "top", "showGridlines": false,
        "xAccessor": x, "accessors": [y],
    });
    if let Some(split) = split {
        layer["splitAccessor"] = json!(split);
    }
    json!({
        "legend": {"isVisible": split.is_some(), "position": "right", "legendSize": "auto"},
        "valueLabels": "hide", "fittingFunction": "None", "preferredSeriesType": series,
        "axisTitlesVisibilitySettings": {"x": false, "yLeft": false, "yRight": false},
        "tickLabelsVisibilitySettings": {"x": true, "yLeft": true, "yRight": true},
        "gridlinesVisibilitySettings": {"x": false, "yLeft": true, "yRight": true},
        "layers": [layer],
    })
}

fn donut(slice: &str, value: &str) -> Value {
    json!({
        "shape": "donut",
        "layers": [{
            "layerId": LAYER, "layerType": "data", "primaryGroups": [slice], "metrics": [value],
            "numberDisplay": "percent", "categoryDisplay": "default", "legendDisplay": "default", "nestedLegend": false,
        }],
    })
}
