//! What a request brings along to prove who it is from: a token, or the cookie of a session.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What was brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Credentials<'r> {
    /// Nothing.
    Nothing,
    /// `Authorization: Bearer …`, or `ApiKey …` with the token itself.
    Token(&'r str),
    /// `Authorization: Basic …` with user and token, or `ApiKey …` with both as id and key: what Elasticsearch's clients send.
    Named {
        /// Whose token it has to be.
        name: String,
        /// The token.
        token: String,
    },
    /// An `Authorization` header of another kind, or one that can not be read.
    Unreadable,
    /// A session's cookie.
    Cookie(&'r str),
}

/// Reads the headers; a token counts more than a cookie.
pub(super) fn read<'r>(headers: &'r HeaderMap, cookie: &str) -> Credentials<'r> {
    if let Some(header) = headers.get(header::AUTHORIZATION) {
        return authorization(header).unwrap_or(Credentials::Unreadable);
    }
    find_cookie(headers, cookie).map_or(Credentials::Nothing, Credentials::Cookie)
}

fn authorization(header: &HeaderValue) -> Option<Credentials<'_>> {
    let (scheme, text) = header.to_str().ok()?.split_once(' ')?;
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(Credentials::Token(text)),
        // An id and a key are encoded; a token has characters that standard base64 has not.
        "apikey" => Some(pair(text).unwrap_or(Credentials::Token(text))),
        "basic" => pair(text),
        _ => None,
    }
}

/// A name and a token, encoded together.
fn pair(text: &str) -> Option<Credentials<'static>> {
    let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    let (name, token) = text.split_once(':')?;
    Some(Credentials::Named { name: name.to_owned(), token: token.to_owned() })
}

fn find_cookie<'r>(headers: &'r HeaderMap, wanted: &str) -> Option<&'r str> {
    let lists = headers.get_all(header::COOKIE).into_iter().filter_map(|list| list.to_str().ok());
    let mut cookies =
        lists.flat_map(|list| list.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named() -> Credentials<'static> {
        Credentials::Named { name: "ada".to_owned(), token: "tc_x:y".to_owned() }
    }

    #[test]
    fn tokens_and_cookies_are_found_among_others() {
        for (headers, found) in [
            (&[][..], Credentials::Nothing),
            (&[("authorization", "Bearer abc")], Credentials::Token("abc")),
            (&[("authorization", "bearer  abc ")], Credentials::Token("abc")),
            (&[("authorization", "Basic abc")], Credentials::Unreadable),
            (&[("authorization", "Bearer ")], Credentials::Unreadable),
            (&[("authorization", "Basic YWRhOnRjX3g6eQ==")], named()),
            (&[("authorization", "ApiKey YWRhOnRjX3g6eQ==")], named()),
            (&[("authorization", "ApiKey tc_x")], Credentials::Token("tc_x")),
            (&[("authorization", "apikey ")], Credentials::Unreadable),
            (&[("authorization", "abc")], Credentials::Unreadable),
            (&[("cookie", "a=b; trailcar=x; c=d")], Credentials::Cookie("x")),
            (&[("cookie", "a=b"), ("cookie", "trailcar=x=")], Credentials::Cookie("x=")),
            (&[("cookie", "trailcar2=x; xtrailcar=y")], Credentials::Nothing),
            (&[("cookie", "trailcar=x"), ("authorization", "Bearer abc")], Credentials::Token("abc")),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().unwrap());
            }
            assert_eq!(read(&map, "trailcar"), found, "{headers:?}");
        }
    }
}
