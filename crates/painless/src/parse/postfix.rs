//! Literals, names, and what is chained behind them: fields, places, calls.

use super::{Parsed, Parser, depth};
use crate::ast::{Expr, Kind as Ast};
use crate::lexer::Kind;

impl Parser<'_> {
    /// A value with its `.field`, `[place]`, `.call()`, `++`.
    pub(super) fn postfix(&mut self) -> Parsed<Expr> {
        let mut of = self.primary()?;
        loop {
            let at = self.place();
            of = match *self.peek() {
                Kind::Sign(sign @ ("." | "?.")) => {
                    self.next();
                    self.member(of, sign == "?.")?
                }
                Kind::Sign("[") => {
                    self.next();
                    let index = self.expr()?;
                    self.expect("]", "behind the place")?;
                    let below = of.depth.max(index.depth);
                    self.make(at, below, Ast::Index { of: Box::new(of), index: Box::new(index) })?
                }
                Kind::Sign(sign @ ("++" | "--")) => {
                    self.next();
                    return self.step(at, of, sign == "++", false);
                }
                _ => return Ok(of),
            };
        }
    }

    /// What stands behind a dot.
    fn member(&mut self, of: Expr, safe: bool) -> Parsed<Expr> {
        let at = self.place();
        let name = match self.next() {
            Kind::Name(name) => name.to_owned(),
            Kind::Int(place) => place.to_string(),
            _ => {
                self.at -= 1;
                return self
                    .unexpected("a field or a method behind the dot; other names go in brackets: ['a-b']");
            }
        };
        if self.is_sign("(") {
            let args = self.args()?;
            let below = depth(&args).max(of.depth);
            return self.make(at, below, Ast::Call { of: Some(Box::new(of)), name, args, safe });
        }
        self.make(at, of.depth, Ast::Field { of: Box::new(of), name, safe })
    }

    fn args(&mut self) -> Parsed<Vec<Expr>> {
        self.expect("(", "before the arguments")?;
        self.listed(")", "between arguments, or [)] behind the last")
    }

    /// Values between commas up to a closing sign.
    fn listed(&mut self, close: &str, between: &str) -> Parsed<Vec<Expr>> {
        let mut values = Vec::new();
        while !self.take_sign(close) {
            if !values.is_empty() {
                self.expect(",", between)?;
            }
            values.push(self.expr()?);
        }
        Ok(values)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let at = self.place();
        let kind = match self.peek().clone() {
            Kind::Int(value) => Ast::Int(value),
            Kind::Long(value) => Ast::Long(value),
            Kind::Float(value) => Ast::Float(value),
            Kind::Double(value) => Ast::Double(value),
            Kind::Text(text) => Ast::Text(text),
            Kind::Regex { pattern, flags } => {
                Ast::Regex { pattern: pattern.to_owned(), flags: flags.to_owned() }
            }
            Kind::Name("null") => Ast::Null,
            Kind::Name("true") => Ast::Bool(true),
            Kind::Name("false") => Ast::Bool(false),
            Kind::Name("new") => return self.new_object(),
            Kind::Sign("(") => {
                self.next();
                let inner = self.expr()?;
                self.expect(")", "to close the bracket")?;
                return Ok(inner);
            }
            Kind::Sign("[") => return self.list_or_map(),
            Kind::Name(_) => return self.name(),
            _ => return self.unexpected("a value"),
        };
        self.next();
        self.make(at, 0, kind)
    }

    /// A variable, a call of a function, a method reference or a class before a static method.
    fn name(&mut self) -> Parsed<Expr> {
        let at = self.place();
        let len = self.type_len(0);
        if self.is_word("this") || self.is_sign_at(len, "::") && len > 0 {
            let of = if self.take_word("this") { "this".to_owned() } else { self.type_name()? };
            self.expect("::", "between a class and its method")?;
            let name = match self.next() {
                Kind::Name(name) => name.to_owned(),
                _ => {
                    self.at -= 1;
                    return self.unexpected("a method behind [::]");
                }
            };
            return self.make(at, 0, Ast::Reference { of, name });
        }
        let (name, at) = self.identifier("a value")?;
        if self.is_sign("(") {
            let args = self.args()?;
            let below = depth(&args);
            return self.make(at, below, Ast::Call { of: None, name, args, safe: false });
        }
        self.make(at, 0, Ast::Name(name))
    }

    fn new_object(&mut self) -> Parsed<Expr> {
        let at = self.place();
        self.next();
        if self.is_sign_at(self.type_len(0), "[") {
            let class = self.known_type()?;
            self.next();
            let length = self.expr()?;
            self.expect("]", "behind the length")?;
            let below = length.depth;
            let length = Some(Box::new(length));
            return self.make(at, below, Ast::NewArray { class, length, values: Vec::new() });
        }
        let class = self.known_type()?;
        if class.ends_with("[]") {
            self.expect("{", "before the values of the array")?;
            let values = self.listed("}", "between values, or [}] behind the last")?;
            let below = depth(&values);
            return self.make(at, below, Ast::NewArray { class, length: None, values });
        }
        let args = self.args()?;
        let below = depth(&args);
        self.make(at, below, Ast::New { class, args })
    }

    fn list_or_map(&mut self) -> Parsed<Expr> {
        let at = self.place();
        self.next();
        if self.is_sign(":") && self.is_sign_at(1, "]") {
            self.next();
            self.next();
            return self.make(at, 0, Ast::Map(Vec::new()));
        }
        if self.take_sign("]") {
            return self.make(at, 0, Ast::List(Vec::new()));
        }
        let first = self.expr()?;
        if !self.take_sign(":") {
            let mut values = vec![first];
            while !self.take_sign("]") {
                self.expect(",", "between values, or []] behind the last")?;
                values.push(self.expr()?);
            }
            let below = depth(&values);
            return self.make(at, below, Ast::List(values));
        }
        let value = self.expr()?;
        let mut below = first.depth.max(value.depth);
        let mut entries = vec![(first, value)];
        while !self.take_sign("]") {
            self.expect(",", "between entries, or []] behind the last")?;
            let key = self.expr()?;
            self.expect(":", "between a key and its value")?;
            let value = self.expr()?;
            below = below.max(key.depth).max(value.depth);
            entries.push((key, value));
        }
        self.make(at, below, Ast::Map(entries))
    }
}
