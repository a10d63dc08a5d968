//! `GET /`: what clients ask a server before they trust it.

use serde_json::{Value, json};

/// The version of Elasticsearch whose interface this is.
const VERSION: &str = "9.1.0";

/// What is here, in Elasticsearch's form.
pub(crate) fn info() -> Value {
    json!({
        "name": "trailcar",
        "cluster_name": "trailcar",
        "cluster_uuid": "_na_",
        "version": {
            "number": VERSION,
            "build_flavor": "default",
            "build_type": "trailcar",
            "build_hash": env!("CARGO_PKG_VERSION"),
            "build_date": "1970-01-01T00:00:00Z",
            "build_snapshot": false,
            "lucene_version": "10.2.2",
            "minimum_wire_compatibility_version": "8.19.0",
            "minimum_index_compatibility_version": "8.0.0",
        },
        "tagline": "You Know, for Search",
    })
}
