//! The times of some rows, in half the memory where they allow it.

/// Microseconds since 1970, by row.
#[derive(Clone, Debug)]
pub(crate) enum Times {
    /// As they are.
    Wide(Vec<i64>),
    /// `base + unit * step` each.
    Packed {
        /// The earliest.
        base: i64,
        /// Microseconds of a step.
        unit: i64,
        /// Steps by row.
        steps: Vec<u32>,
    },
}

/// Sources tell times in these.
const UNITS: [i64; 3] = [1, 1_000, 1_000_000];

impl Times {
    /// Appends the time of the next row.
    pub(crate) fn push(&mut self, time: i64) {
        if let Self::Packed { .. } = self {
            let mut wide = Vec::with_capacity(self.len() + 1);
            self.each(|_, time| wide.push(time));
            *self = Self::Wide(wide);
        }
        if let Self::Wide(times) = self {
            times.push(time);
        }
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Wide(times) => times.len(),
            Self::Packed { steps, .. } => steps.len(),
        }
    }

    /// Calls `each` with every row and its time.
    pub(crate) fn each(&self, mut each: impl FnMut(usize, i64)) {
        match self {
            Self::Wide(times) => times.iter().enumerate().for_each(|(row, &time)| each(row, time)),
            Self::Packed { base, unit, steps } => {
                let time = |step: u32| base + unit * i64::from(step);
                steps.iter().enumerate().for_each(|(row, &step)| each(row, time(step)));
            }
        }
    }

    /// The same times, packed where every one of them is a whole number of steps from the earliest.
    pub(crate) fn packed(&self, min: i64, max: i64) -> Self {
        let Self::Wide(times) = self else { return self.clone() };
        let span = max.wrapping_sub(min) as u64;
        let fits = |unit: &i64| {
            span / *unit as u64 <= u64::from(u32::MAX) && times.iter().all(|time| (time - min) % unit == 0)
        };
        match UNITS.into_iter().find(fits) {
            Some(unit) => {
                let step = |time: &i64| ((time - min) / unit) as u32;
                Self::Packed { base: min, unit, steps: times.iter().map(step).collect() }
            }
            None => Self::Wide(times.as_slice().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_times_are_the_same_times() {
        for (times, is_packed) in [
            (vec![5, 3, 4_000_000_000], true),
            (vec![1_000, 0, 5_000_000_000_000 - 1_000], false),
            (vec![2_000, 1_000, 4_000_000_000_000], true),
            (vec![0, 1, 5_000_000_000], false),
            (vec![1_000_000, 31_536_000_000_000, 0], true),
            (vec![i64::MIN, i64::MAX], false),
            (vec![-7, -7], true),
        ] {
            let (min, max) = (*times.iter().min().unwrap(), *times.iter().max().unwrap());
            let mut packed = Times::Wide(times.clone()).packed(min, max);
            assert_eq!(matches!(packed, Times::Packed { .. }), is_packed, "{times:?}");
            packed.push(12);
            let mut back = Vec::new();
            packed.each(|row, time| back.extend((row == back.len()).then_some(time)));
            assert_eq!(back, [times, vec![12]].concat());
        }
    }
}
