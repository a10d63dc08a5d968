//! What a dashboard shows, as `dashboards/*.yml` says it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

/// Columns of a dashboard's grid.
pub(crate) const GRID_WIDTH: u32 = 48;

/// A dashboard, its data view and its saved searches.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Id of the dashboard; those of its panels begin with it.
    pub id: String,
    /// Title of the dashboard.
    pub title: String,
    /// One sentence, shown in lists of dashboards.
    pub description: String,
    /// Where the events are.
    pub data_view: DataView,
    /// The time range that it opens with.
    pub time: TimeRange,
    /// Drop-down filters above the panels.
    pub controls: Vec<Control>,
    /// The panels, from top to bottom.
    pub rows: Vec<Row>,
    /// Saved searches for Discover, beside the dashboard.
    #[serde(default)]
    pub searches: Vec<Panel>,
}

/// Kibana's name for an index pattern.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataView {
    /// Id of the saved object.
    pub id: String,
    /// Name in Kibana.
    pub name: String,
    /// Indices and data streams.
    pub pattern: String,
}

/// A time range in Elasticsearch's date math.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRange {
    /// Its start.
    pub from: String,
    /// Its end.
    pub to: String,
}

/// A drop-down of a field's values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Its label.
    pub title: String,
    /// Its field.
    pub field: String,
}

/// Panels side by side.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// In rows of Kibana's grid, of 20 pixels each.
    pub height: u32,
    /// From left to right.
    pub panels: Vec<Panel>,
}

/// One panel.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// Its id, within the dashboard.
    pub id: String,
    /// Its title.
    pub title: String,
    /// In columns of the grid.
    #[serde(default)]
    pub width: u32,
    /// What events it shows: each field must have one of its values.
    #[serde(default, rename = "where")]
    pub matching: Ordered<Vec<String>>,
    /// What events it leaves out: those where a field has one of its values.
    #[serde(default)]
    pub without: Ordered<Vec<String>>,
    /// How it shows them.
    #[serde(flatten)]
    pub shape: Shape,
}

/// How a panel shows its events.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// One number.
    Metric(Figure),
    /// Stacked columns over time, one colour for each value of a field.
    OverTime {
        /// The field.
        split: String,
    },
    /// A bar for each of a field's most frequent values.
    Bars {
        /// The field.
        of: String,
        /// How many values.
        size: u32,
    },
    /// A field's values as shares.
    Donut {
        /// The field.
        of: String,
    },
    /// A row for each value of one or several fields.
    Table {
        /// The fields, and how many values of each.
        rows: Ordered<u32>,
        /// What decides which values are in and which is first; the number of events where it does not say.
        order: Option<Figure>,
        /// The figures beside them.
        columns: Vec<Figure>,
    },
    /// A map of a field of points.
    Map(String),
    /// The events themselves, newest first, with the time and these fields.
    Events(Vec<String>),
}

/// A number or time that is computed of events.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// How many events.
    Count,
    /// How many different values of a field.
    Distinct(String),
    /// A field's least value.
    First(String),
    /// A field's greatest value.
    Last(String),
}

/// A mapping that keeps its order.
#[derive(Clone, Debug)]
pub struct Ordered<T>(pub Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Pairs<T> {
            type Value = Ordered<T>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a mapping of fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Ordered(pairs))
            }
        }

        deserializer.deserialize_map(Pairs(std::marker::PhantomData))
    }
}

impl Definition {
    /// All panels of the dashboard.
    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.rows.iter().flat_map(|row| &row.panels)
    }
}
