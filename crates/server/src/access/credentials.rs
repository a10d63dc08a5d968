//! What a request brings along to prove who it is from: a token, or the cookie of a session.

use axum::http::{HeaderMap, HeaderValue, header};

/// What was brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Credentials<'r> {
    /// Nothing.
    Nothing,
    /// `Authorization: Bearer …`.
    Token(&'r str),
    /// An `Authorization` header of another kind, or one that can not be read.
    Unreadable,
    /// A session's cookie.
    Cookie(&'r str),
}

/// Reads the headers; a token counts more than a cookie.
pub(super) fn read<'r>(headers: &'r HeaderMap, cookie: &str) -> Credentials<'r> {
    if let Some(header) = headers.get(header::AUTHORIZATION) {
        return bearer(header).map_or(Credentials::Unreadable, Credentials::Token);
    }
    find_cookie(headers, cookie).map_or(Credentials::Nothing, Credentials::Cookie)
}

fn bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
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

    #[test]
    fn tokens_and_cookies_are_found_among_others() {
        for (headers, found) in [
            (&[][..], Credentials::Nothing),
            (&[("authorization", "Bearer abc")], Credentials::Token("abc")),
            (&[("authorization", "bearer  abc ")], Credentials::Token("abc")),
            (&[("authorization", "Basic abc")], Credentials::Unreadable),
            (&[("authorization", "Bearer ")], Credentials::Unreadable),
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
