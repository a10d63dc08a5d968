//! What stands in for a match: texts and groups.

/// What stands in for a match.
#[derive(Debug)]
pub struct Replacement(pub(super) Vec<Piece>);

#[derive(Debug)]
pub(super) enum Piece {
    Literal(String),
    Group(usize),
    Named(String),
    /// A `$` with something after it that Java does not take: why.
    Illegal(&'static str),
}

impl Replacement {
    /// Whether it names groups, so that matches have to be known with them.
    pub(super) fn names_groups(&self) -> bool {
        self.0.iter().any(|piece| !matches!(piece, Piece::Literal(_)))
    }

    /// Reads `$1`, `${name}` and `\x`.
    pub fn compile(source: &str) -> Self {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut chars = source.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some(next) => literal.push(next),
                    None => pieces.push(Piece::Illegal("character to be escaped is missing")),
                },
                '$' => {
                    if !literal.is_empty() {
                        pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                    }
                    pieces.push(group(&mut chars));
                }
                c => literal.push(c),
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Self(pieces)
    }
}

fn group(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Piece {
    if chars.next_if_eq(&'{').is_some() {
        let name: String = std::iter::from_fn(|| chars.next_if(|c| *c != '}')).collect();
        return match chars.next() {
            Some(_) => Piece::Named(name),
            None => Piece::Illegal("named capturing group is missing trailing '}'"),
        };
    }
    match chars.next_if(char::is_ascii_digit).and_then(|digit| digit.to_digit(10)) {
        Some(digit) => Piece::Group(digit as usize),
        None if chars.peek().is_none() => Piece::Illegal("Illegal group reference: group index is missing"),
        None => Piece::Illegal("Illegal group reference"),
    }
}
