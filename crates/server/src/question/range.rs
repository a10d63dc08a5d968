//! Which times are asked for.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::QuestionError;

/// Times that are often asked for: name in the URL, label, hours.
pub(crate) const PRESETS: [(&str, &str, i64); 5] = [
    ("1h", "Last hour", 1),
    ("24h", "Last 24 hours", 24),
    ("7d", "Last 7 days", 7 * 24),
    ("30d", "Last 30 days", 30 * 24),
    ("90d", "Last 90 days", 90 * 24),
];

/// Which times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Range {
    /// All.
    #[default]
    All,
    /// From some time ago on; the place in [`PRESETS`].
    Last(usize),
    /// From one time on and up to another, where given.
    Between(Option<Timestamp>, Option<Timestamp>),
}

impl Range {
    /// Reads what stands in a URL.
    pub(super) fn parse(
        preset: Option<&str>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Self, QuestionError> {
        match (preset, from, to) {
            (None | Some("all" | "custom"), None, None) => Ok(Self::All),
            (Some(preset), from, to) if preset != "custom" && preset != "all" => {
                let place = PRESETS.iter().position(|(name, ..)| *name == preset);
                let place = place.ok_or_else(|| {
                    QuestionError(format!(
                        "range is 1h, 24h, 7d, 30d, 90d, all or custom, and not {preset:?}."
                    ))
                })?;
                if from.or(to).is_some() {
                    return Err(QuestionError(format!(
                        "range={preset} and from or to say different times: leave one of them away."
                    )));
                }
                Ok(Self::Last(place))
            }
            (_, Some(from), Some(to)) if from >= to => {
                Err(QuestionError("The range ends before it begins: let from be earlier than to.".to_owned()))
            }
            (_, from, to) => Ok(Self::Between(from, to)),
        }
    }

    /// Its first time, and the first behind it; `now` is what ranges such as the last hour end at.
    pub(crate) fn bounds(&self, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        match *self {
            Self::All => (None, None),
            Self::Last(place) => (now.checked_sub(SignedDuration::from_hours(PRESETS[place].2)).ok(), None),
            Self::Between(from, to) => (from, to),
        }
    }

    /// The same from a time on, up to where it ends now.
    pub(crate) fn since(&self, time: Timestamp) -> Self {
        let end = match *self {
            Self::Between(_, to) => to.filter(|to| *to > time),
            Self::All | Self::Last(_) => None,
        };
        Self::Between(Some(time), end)
    }

    /// The same up to the millisecond of a time, which is all that a page shows of it, from where it begins now.
    pub(crate) fn until(&self, time: Timestamp, now: Timestamp) -> Self {
        let end = behind(time);
        Self::Between(self.bounds(now).0.filter(|from| end.is_none_or(|end| *from < end)), end)
    }

    /// So long before a time and behind it.
    pub(crate) fn around(time: Timestamp, length: SignedDuration) -> Self {
        Self::Between(time.checked_sub(length).ok(), time.checked_add(length).ok())
    }

    /// As long before it, twice as long, and as long behind it; of ranges with two ends.
    pub(crate) fn beside(&self) -> Option<[Self; 3]> {
        let Self::Between(Some(from), Some(to)) = *self else { return None };
        let length = to.duration_since(from);
        let half = SignedDuration::from_micros(i64::try_from(length.as_micros() / 2).ok()?.max(1));
        let between = |from, to| Self::Between(Some(from), Some(to));
        Some([
            between(from.checked_sub(length).ok()?, from),
            between(from.checked_sub(half).ok()?, to.checked_add(half).ok()?),
            between(to, to.checked_add(length).ok()?),
        ])
    }

    /// How it stands in a URL.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        match *self {
            Self::All => Vec::new(),
            Self::Last(place) => vec![("range", PRESETS[place].0.to_owned())],
            Self::Between(from, to) => {
                let pair = |name, time: Option<Timestamp>| time.map(|time| (name, time.to_string()));
                pair("from", from).into_iter().chain(pair("to", to)).collect()
            }
        }
    }

    /// In words.
    pub(crate) fn words(&self) -> String {
        let time = |time: &Timestamp| {
            let form =
                if time.subsec_nanosecond() == 0 { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S.%3f" };
            time.strftime(form).to_string()
        };
        match self {
            Self::All | Self::Between(None, None) => "All time".to_owned(),
            Self::Last(place) => PRESETS[*place].1.to_owned(),
            Self::Between(Some(from), Some(to)) => format!("{} – {} UTC", time(from), time(to)),
            Self::Between(Some(from), None) => format!("from {} UTC", time(from)),
            Self::Between(None, Some(to)) => format!("before {} UTC", time(to)),
        }
    }
}

/// The first millisecond behind the one of a time.
fn behind(time: Timestamp) -> Option<Timestamp> {
    Timestamp::from_millisecond(time.as_millisecond().checked_add(1)?).ok()
}

/// A time as people and pages write it; UTC where it does not say.
pub(crate) fn time(text: &str) -> Result<Timestamp, QuestionError> {
    let civil = || {
        let date = text
            .parse::<DateTime>()
            .or_else(|_| text.parse::<Date>().map(|date| date.to_datetime(Default::default())));
        date.ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    text.parse().ok().or_else(civil).ok_or_else(|| {
        QuestionError(format!(
            "{text:?} is not a time: write 2026-05-04, 2026-05-04T09:30 or 2026-05-04T09:30:00Z."
        ))
    })
}
