//! A date with its offset and zone. jiff's instants end a day before the year 9999 does; a date that a fixed offset
//! suffices for is kept as what the calendar says, so that the last of 9999, which stands for never, can be read.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// A date, as the calendar in its zone has it.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(super) civil: DateTime,
    pub(super) offset: Offset,
    pub(super) zone: TimeZone,
}

impl Moment {
    /// What the calendar in `own` calls `civil`, in `zone`. A time that `own` skips is moved on, one that it has
    /// twice is the first.
    pub(super) fn new(civil: DateTime, own: &TimeZone, zone: &TimeZone) -> Result<Self, String> {
        let offset = match own.to_fixed_offset() {
            Ok(offset) => offset,
            Err(_) => {
                let zoned = civil.to_zoned(own.clone()).map_err(|error| error.to_string())?;
                if own == zone {
                    return Ok(Self { civil: zoned.datetime(), offset: zoned.offset(), zone: zone.clone() });
                }
                zoned.offset()
            }
        };
        let target = match zone.to_fixed_offset() {
            Ok(target) => target,
            Err(_) => zone.to_offset(offset.to_timestamp(civil).map_err(|error| error.to_string())?),
        };
        if target == offset {
            return Ok(Self { civil, offset, zone: zone.clone() });
        }
        let moved = SignedDuration::from_secs(i64::from(target.seconds() - offset.seconds()));
        let civil = civil.checked_add(moved).map_err(|error| error.to_string())?;
        Ok(Self { civil, offset: target, zone: zone.clone() })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn moves_between_zones_to_the_last_day_there_is() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let india = Offset::from_seconds(19_800).unwrap().to_time_zone();
        let last = date(9999, 12, 31).at(23, 59, 59, 999_000_000);
        for (civil, own, zone, there) in [
            (last, &TimeZone::UTC, &TimeZone::UTC, "9999-12-31T23:59:59.999"),
            (date(2026, 7, 1).at(12, 0, 0, 0), &berlin, &TimeZone::UTC, "2026-07-01T10:00:00"),
            (date(2026, 7, 1).at(12, 0, 0, 0), &india, &berlin, "2026-07-01T08:30:00"),
            // Skipped and doubled by the change of clocks.
            (date(2026, 3, 29).at(2, 30, 0, 0), &berlin, &berlin, "2026-03-29T03:30:00"),
            (date(2026, 10, 25).at(2, 30, 0, 0), &berlin, &TimeZone::UTC, "2026-10-25T00:30:00"),
        ] {
            assert_eq!(Moment::new(civil, own, zone).unwrap().civil.to_string(), there);
        }
        assert!(Moment::new(last, &TimeZone::UTC, &india).is_err());
    }
}
