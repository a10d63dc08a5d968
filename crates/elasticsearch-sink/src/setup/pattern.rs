//! Whether the patterns of two index templates can match the same data stream.

/// Whether some data stream's name matches both patterns. In `ours`, `*` stands for part of a name without `-`, since
/// the parts of a data stream's name (type, dataset, namespace) hold none; in `theirs`, for anything.
pub(crate) fn overlap(ours: &str, theirs: &str) -> bool {
    let (ours, theirs): (Vec<char>, Vec<char>) = (ours.chars().collect(), theirs.chars().collect());
    // reachable[j]: some text matches the part of `ours` read so far and the first j characters of `theirs`
    let mut reachable = vec![false; theirs.len() + 1];
    reachable[0] = true;
    skip_stars(&mut reachable, &theirs);
    for &own in &ours {
        let mut next = vec![false; theirs.len() + 1];
        if own == '*' {
            next.clone_from(&reachable);
        }
        for j in 0..=theirs.len() {
            let before = if own == '*' { next[j] } else { reachable[j] };
            if !before {
                continue;
            }
            match theirs.get(j) {
                // their star swallows our character and stays
                Some('*') => next[j] = true,
                Some(&other) if own == '*' && other != '-' => next[j + 1] = true,
                Some(&other) if other == own => next[j + 1] = true,
                _ => {}
            }
            if own == '*' {
                skip_stars(&mut next, &theirs);
            }
        }
        skip_stars(&mut next, &theirs);
        reachable = next;
    }
    reachable[theirs.len()]
}

/// A star may stand for nothing.
fn skip_stars(reachable: &mut [bool], pattern: &[char]) {
    for (j, &c) in pattern.iter().enumerate() {
        reachable[j + 1] |= reachable[j] && c == '*';
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_that_meet_and_patterns_that_do_not() {
        let ours = "logs-cursor.audit-*";
        for theirs in [
            "logs-cursor.audit-*",
            "logs-*-*",
            "logs-*",
            "*",
            "logs-cursor*",
            "*-default",
            "logs-*.audit-eu*",
        ] {
            assert!(overlap(ours, theirs), "{theirs}");
        }
        for theirs in
            ["metrics-*-*", "logs-cursor-*", "logs-*.otel-*", "logs-cursor.audit", "logs-cursor.audits-*", ""]
        {
            assert!(!overlap(ours, theirs), "{theirs}");
        }
    }

    /// Plain matching of one name, as the oracle.
    fn matches(pattern: &[char], name: &[char], star: fn(char) -> bool) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some(('*', rest)) => (0..=name.len())
                .take_while(|&n| name[..n].iter().all(|&c| star(c)))
                .any(|n| matches(rest, &name[n..], star)),
            Some((c, rest)) => name.first() == Some(c) && matches(rest, &name[1..], star),
        }
    }

    proptest! {
        #[test]
        fn a_name_that_both_match_is_an_overlap(ours in "[ab*-]{0,5}", theirs in "[ab*-]{0,5}") {
            let (o, t): (Vec<_>, Vec<_>) = (ours.chars().collect(), theirs.chars().collect());
            // all names up to 10 letters over a, b and - would be many: a shortest common one is never longer
            // than both patterns together, and letters that are in neither pattern are never needed
            let mut names = vec![Vec::new()];
            let mut common = false;
            for _ in 0..=7 {
                common |= names.iter().any(|name| matches(&o, name, |c| c != '-') && matches(&t, name, |_| true));
                if common { break; }
                names = names.iter().flat_map(|name: &Vec<char>| "ab-".chars().map(move |c| [name.as_slice(), &[c]].concat())).collect();
            }
            let short = ours.len() + theirs.len() <= 7;
            prop_assert!(overlap(&ours, &theirs) == common || (!short && !common));
        }
    }
}
