//! What goes wrong on demand.

use crate::Reply;

/// What the next answer is in place of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status, with a message as the service gives it.
    Status(u16),
    /// 429, with this `Retry-After`.
    TooMany(Option<String>),
    /// A redirection.
    Redirect(String),
    /// A web page with the status 200, as a proxy sends it.
    WebPage,
    /// No answer at all (only over HTTP).
    Silence,
    /// The page, otherwise than it should be.
    Page(PageFault),
}

/// What is wrong with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFault {
    /// It is cut in its middle.
    Cut,
    /// So many blanks are behind it.
    Padded(usize),
    /// It is empty and says that another one follows (only Cursor's).
    EmptyWithNext,
    /// It is the one before (only Cursor's).
    Before,
}

impl Fault {
    /// What is answered without a look at the request.
    ///
    /// # Errors
    /// A page is answered, with this fault.
    pub(crate) fn reply(self) -> Result<Reply, PageFault> {
        Ok(match self {
            Self::Status(status) => Reply::refusal(status, "Something", "as the test wants it"),
            Self::TooMany(wait) => Reply::too_many(wait),
            Self::Redirect(target) => {
                Reply { headers: vec![("location", target)], ..Reply::refusal(302, "Found", "elsewhere") }
            }
            Self::WebPage => Reply {
                content_type: "text/html; charset=utf-8",
                ..Reply::page("<!doctype html><title>Log in</title>".to_owned())
            },
            Self::Silence => Reply { silence: true, ..Reply::page(String::new()) },
            Self::Page(fault) => return Err(fault),
        })
    }
}

impl PageFault {
    /// What is sent of a page.
    pub(crate) fn send(fault: Option<Self>, mut page: String) -> Reply {
        match fault {
            Some(Self::Cut) => page.truncate(page.len() / 2),
            Some(Self::Padded(blanks)) => page.extend(std::iter::repeat_n(' ', blanks)),
            Some(Self::EmptyWithNext | Self::Before) | None => {}
        }
        Reply::page(page)
    }
}
