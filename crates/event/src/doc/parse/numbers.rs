//! Numbers and words.

use super::super::{Data, Text};
use super::{Failed, Parser};

impl Parser<'_> {
    pub(super) fn word(&mut self, word: &str, data: Data) -> Result<Data, Failed> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return self.fail("expected a JSON value");
        }
        self.at += word.len();
        Ok(data)
    }

    pub(super) fn number(&mut self) -> Result<Data, Failed> {
        let from = self.at;
        let negative = self.eat(b'-');
        let digits = self.at;
        let mut value: i64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        let count = self.at - digits;
        if count == 0 || (count > 1 && self.bytes[digits] == b'0') {
            return self.fail("a number is malformed");
        }
        let mut integer = true;
        if self.eat(b'.') {
            integer = false;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            integer = false;
            self.at += 1;
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }
        // Up to 18 digits fit a long whatever they are.
        if integer && count <= 18 {
            let value = if negative { -value } else { value };
            return Ok(i32::try_from(value).map_or(Data::Long(value), Data::int));
        }
        let text = Text::new(from, self.at - from, false);
        match self.text[from..self.at].parse::<i64>() {
            Ok(value) if integer => Ok(Data::Long(value)),
            _ => Ok(Data::Number(text)),
        }
    }

    fn digits(&mut self) -> Result<(), Failed> {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == from { self.fail("a number is malformed") } else { Ok(()) }
    }
}
