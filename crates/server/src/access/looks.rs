//! What the journal calls the things that can be asked for.

use percent_encoding::percent_decode_str;
use users::Token;

/// Parts of a query that say where in a list somebody is, or how it is shown, not what they look for.
const PLACES: [&str; 8] = ["cursor", "limit", "offset", "page", "per_page", "as_of", "live", "more"];

/// An export begins; it ends when all of it is made.
pub(super) const EXPORT: &str = "export_started";

/// The action of a request, by the route that it takes. What is not named here is a page that was looked at, so that a new
/// page is in the journal without anybody's doing.
pub(super) fn action(route: &str, query: &str) -> &'static str {
    let asks = parts(query).any(|(name, value)| !value.is_empty() && !PLACES.contains(&&*name));
    let exports = || parts(query).any(|(name, value)| name == "format" && !value.is_empty());
    match route {
        "/api/organizations/{slug}/audit-logs" if exports() => EXPORT,
        "/" | "/api/events" | "/api/v1/audit-logs" | "/api/organizations/{slug}/audit-logs" if asks => {
            "search_events"
        }
        "/" | "/api/events" | "/api/v1/audit-logs" | "/api/organizations/{slug}/audit-logs" => "view_events",
        "/events/{stream}/{id}" | "/documents/{stream}/{id}" => "open_event",
        "/actors/{name}" | "/resources/{name}" | "/failed-logins" => "search_events",
        "/quarantine" => "view_quarantine",
        "/quarantine/{number}" => "open_quarantined",
        "/api/events/export" => EXPORT,
        "/api/events/export/manifest" => "view_manifest",
        _ => "view_page",
    }
}

fn parts(query: &str) -> impl Iterator<Item = (String, &str)> {
    query
        .split('&')
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (percent_decode_str(name).decode_utf8_lossy().into_owned(), value))
}

/// A text for the journal; tokens that stand in it by mistake are taken out.
pub(super) fn told(text: &str) -> String {
    Token::hidden(text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn routes_have_actions() {
        for (route, query, action) in [
            ("/", "", "view_events"),
            ("/", "cursor=o5_7", "view_events"),
            ("/", "q=&range=", "view_events"),
            ("/", "live=on", "view_events"),
            ("/", "q=ada", "search_events"),
            ("/", "act%69on=login", "search_events"),
            ("/api/v1/audit-logs", "limit=20&offset=40", "view_events"),
            ("/api/v1/audit-logs", "action=login", "search_events"),
            ("/api/organizations/{slug}/audit-logs", "page=2", "view_events"),
            ("/api/organizations/{slug}/audit-logs", "format=csv", "export_started"),
            ("/api/events/export", "format=csv", "export_started"),
            ("/events/{stream}/{id}", "", "open_event"),
            ("/quarantine", "source=a", "view_quarantine"),
            ("/quarantine/{number}", "", "open_quarantined"),
            ("/something/new", "q=x", "view_page"),
        ] {
            assert_eq!(super::action(route, query), action, "{route}?{query}");
        }
    }
}
