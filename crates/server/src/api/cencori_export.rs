//! Exports as Cencori's dashboard makes them: `format=csv` and `format=json`, newest first, cut after 50,000 rows.

use std::io::Write;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use journal::Exported;
use serde_json::json;
use store::export::csv::Table;
use store::export::{Export, ExportError, Hashed, MAX_CSV_EVENTS};
use store::{Filter, Store};

use super::ApiError;
use super::cencori::{COLUMNS, Log};
use crate::access::Caller;
use crate::{ask, stream};

/// Answers with the file.
pub(super) async fn download(
    store: &Store,
    caller: Caller,
    slug: &str,
    filter: Filter,
    format: &'static str,
    query: String,
) -> Result<Response, ApiError> {
    let permit = stream::permit()?;
    let filter = Filter { as_of: Some(store.len() as u64), ..filter };
    let access = caller.access().clone();
    let (events, total) = ask(store, move |store| {
        Ok((store.export(&access, &filter)?, store.slice(&access, &filter, 0, 1)?.total))
    })
    .await?;
    let name = match total {
        ..=MAX_CSV_EVENTS => format!("audit-logs-{slug}.{format}"),
        _ => format!("audit-logs-{slug}-newest-{MAX_CSV_EVENTS}-of-{total}.{format}"),
    };
    let media_type =
        if format == "csv" { "text/csv; charset=utf-8; header=present" } else { "application/json" };
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    let organization = slug.to_owned();
    let body = stream::body(permit, move |out| {
        let mut out = Hashed::new(out);
        let written = match format {
            "csv" => table(&mut out, events),
            _ => object(&mut out, &organization, events),
        };
        let (bytes, sha256) = out.finish();
        caller.exported(&query, written.map(|events| Exported { format, events, bytes, sha256 }))
    });
    Ok((headers, body).into_response())
}

fn table(out: impl Write, events: Export) -> Result<u64, ExportError> {
    let mut table = Table::new(out);
    table.row(COLUMNS)?;
    let mut count = 0;
    for event in events.take(MAX_CSV_EVENTS as usize) {
        table.row(Log::of(&event?).cells())?;
        count += 1;
    }
    table.finish()?;
    Ok(count)
}

fn object(mut out: impl Write, organization: &str, events: Export) -> Result<u64, ExportError> {
    let exported_at = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    write!(out, "{{\"organization\":{},\"exported_at\":\"{exported_at}\",\"logs\":[", json!(organization))?;
    let mut count = 0;
    for event in events.take(MAX_CSV_EVENTS as usize) {
        out.write_all(if count == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut out, &Log::of(&event?)).map_err(std::io::Error::from)?;
        count += 1;
    }
    out.write_all(b"\n]}\n")?;
    Ok(count)
}
