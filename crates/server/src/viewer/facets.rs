//! The values that the events can be narrowed to, with their counts.

use store::{Count, Summary};

use super::visible::cut;
use crate::question::{Condition, Field, Question};

/// Longer values are cut, in characters.
const MAX_LABEL: usize = 200;

/// So many values of a field are listed at first, and when more are asked for.
pub(crate) const FEW: usize = 10;
pub(crate) const MANY: usize = 200;

/// A field and its values.
pub(crate) struct Facet {
    pub(crate) title: String,
    pub(crate) values: Vec<Value>,
    /// Where more values are listed.
    pub(crate) more: Option<String>,
}

/// A value of a field.
pub(crate) struct Value {
    pub(crate) label: String,
    pub(crate) count: String,
    /// Asks for it, or takes it away when it is asked for or kept out.
    pub(crate) href: String,
    /// Keeps it out.
    pub(crate) except: String,
    pub(crate) state: State,
}

/// What is asked of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Chosen,
    KeptOut,
}

/// The facets of a view; of the field called `more`, all values. A value that is asked for is there even when nothing has it.
pub(crate) fn facets(question: &Question, counted: &Summary, more: Option<&str>) -> Vec<Facet> {
    let total = counted.total;
    let counted = &counted.facets;
    let facet = |field: Field| {
        let counts = match field {
            Field::Dataset => &counted.datasets,
            Field::Action => &counted.actions,
            Field::Category => &counted.categories,
            Field::Outcome => &counted.outcomes,
            Field::User => &counted.users,
            _ => &counted.projects,
        };
        let is_more = more == Some(field.name());
        let shown = if is_more { MANY } else { FEW };
        let values = values(question, &field, total, &counts[..counts.len().min(shown)]);
        let more = (!is_more && counts.len() > FEW).then(|| {
            let href = question.first_page().href();
            format!("{href}{}more={}", if href.contains('?') { '&' } else { '?' }, field.name())
        });
        Facet { title: field.title().to_owned(), values, more }
    };
    Field::FACETS.into_iter().map(facet).filter(|facet| !facet.values.is_empty()).collect()
}

fn values(question: &Question, field: &Field, total: u64, counts: &[Count]) -> Vec<Value> {
    let value = |text: &str, events: Option<u64>| {
        let condition = Condition::new(field.clone(), text);
        let inverse = condition.inverse();
        let (state, href) = match (question.has(&condition), question.has(&inverse)) {
            (true, _) => (State::Chosen, question.without(&condition)),
            (_, true) => (State::KeptOut, question.without(&inverse)),
            _ => (State::Open, question.with(&condition)),
        };
        Value {
            label: cut(text, MAX_LABEL),
            count: events.map(grouped).unwrap_or_default(),
            href: href.href(),
            except: question.with(&inverse).href(),
            state,
        }
    };
    let asked: Vec<_> = question.conditions().iter().filter(|own| own.field == *field).collect();
    let unseen = asked.iter().filter(|own| !counts.iter().any(|count| count.value == own.value));
    // Of several that are less frequent than those listed, only the sum is known.
    let is_alone = asked.len() == 1;
    unseen
        .map(|own| value(&own.value, (is_alone && !own.is_not).then_some(total)))
        .chain(counts.iter().map(|count| value(&count.value, Some(count.events))))
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
