//! Which objects are read.

use std::time::Duration;

use jiff::Timestamp;
use regex::Regex;

/// By key and by time; by default all of them.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Expressions of which a key must match one, if there are any.
    pub file_selectors: Vec<Regex>,
    /// Only objects that were written then or later.
    pub start_timestamp: Option<Timestamp>,
    /// Only objects that are not older.
    pub ignore_older: Option<Duration>,
}

impl Selection {
    /// Whether objects of this key are read. A key that ends in a slash stands for a folder.
    pub fn takes_key(&self, key: &str) -> bool {
        let selected =
            self.file_selectors.is_empty() || self.file_selectors.iter().any(|regex| regex.is_match(key));
        selected && !key.ends_with('/')
    }

    /// Whether objects that were written then are read now.
    pub fn takes_time(&self, written: Timestamp, now: Timestamp) -> bool {
        self.start_timestamp.is_none_or(|start| written >= start)
            && self.ignore_older.is_none_or(|age| {
                let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
                written.as_second() >= now.as_second().saturating_sub(age)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_times_select() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let all = Selection::default();
        assert!(
            all.takes_key("a/b.gz") && !all.takes_key("a/") && all.takes_time(at(0), at(i32::MAX.into()))
        );
        let some = Selection {
            file_selectors: vec![Regex::new(r"\.gz$").unwrap(), Regex::new("^x/").unwrap()],
            start_timestamp: Some(at(100)),
            ignore_older: Some(Duration::from_secs(50)),
        };
        assert!(some.takes_key("a.gz") && some.takes_key("x/y") && !some.takes_key("a.json"));
        assert!(some.takes_time(at(100), at(150)) && !some.takes_time(at(100), at(151)));
        assert!(!some.takes_time(at(99), at(100)));
    }
}
