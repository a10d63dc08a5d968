//! The word that was probably meant.

/// Below this similarity (0 to 1) a word was hardly meant.
const ALIKE: f64 = 0.8;

/// Ends the sentence that `says` a word to be none of those that are known: with the nearest one, or with all.
pub fn unknown(says: &str, word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(meant) => format!("{says}: did you mean [{meant}]?"),
        None if known.is_empty() => format!("{says}: there are none"),
        None => format!("{says}: known are {}", known.join(", ")),
    }
}

/// The known word that is most like another one, where one is like it.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word = word.to_lowercase().replace('-', "_");
    let likeness = |known: &str| strsim::jaro_winkler(&word, known);
    known
        .iter()
        .copied()
        .filter(|known| likeness(known) >= ALIKE)
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_known_again() {
        let known = ["data_dir", "sources", "geoip", "networks", "output", "logging"];
        for (word, meant) in [
            ("data-dir", Some("data_dir")),
            ("source", Some("sources")),
            ("Output", Some("output")),
            ("outptu", Some("output")),
            ("loging", Some("logging")),
            ("zebra", None),
        ] {
            assert_eq!(nearest(word, &known), meant, "{word}");
        }
    }
}
