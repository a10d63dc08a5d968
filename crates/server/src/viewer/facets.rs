//! The values that the events can be narrowed to, with their counts.

use store::{Count, Facets};

use crate::question::{Field, Question};

/// A field and its values.
pub(crate) struct Facet {
    pub(crate) title: &'static str,
    pub(crate) values: Vec<Value>,
}

/// A value of a field.
pub(crate) struct Value {
    pub(crate) label: String,
    pub(crate) count: String,
    pub(crate) href: String,
    pub(crate) chosen: bool,
}

/// The facets of a view. A chosen value is there even when nothing has it.
pub(crate) fn facets(question: &Question, counted: &Facets) -> Vec<Facet> {
    Field::ALL
        .into_iter()
        .map(|field| {
            let (title, counts) = match field {
                Field::Dataset => ("Dataset", &counted.datasets),
                Field::Action => ("Action", &counted.actions),
                Field::Category => ("Category", &counted.categories),
                Field::Outcome => ("Outcome", &counted.outcomes),
                Field::User => ("User", &counted.users),
            };
            Facet { title, values: values(question, field, counts) }
        })
        .filter(|facet| !facet.values.is_empty())
        .collect()
}

fn values(question: &Question, field: Field, counts: &[Count]) -> Vec<Value> {
    let chosen = question.values(field);
    let value = |text: &str, events: u64| Value {
        label: text.to_owned(),
        count: grouped(events),
        href: question.toggled(field, text).href(),
        chosen: chosen.iter().any(|own| own == text),
    };
    let unseen = chosen.iter().filter(|own| !counts.iter().any(|count| count.value == **own));
    unseen
        .map(|own| value(own, 0))
        .chain(counts.iter().map(|count| value(&count.value, count.events)))
        .collect()
}

/// A number with its thousands apart: 1,234,567.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
