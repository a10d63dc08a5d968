//! Expressions, by precedence climbing.

use super::{Parsed, Parser, depth};
use crate::ast::{Binary, Body, Expr, Kind as Ast, Param, Unary};
use crate::lexer::Kind;
use crate::types::Type;

/// How tight `&&`, `||` and `instanceof` bind, among the levels of [`binary`].
const OR: u8 = 1;
const AND: u8 = 2;
const INSTANCE_OF: u8 = 7;

/// An operator of two operands and how tight it binds.
fn binary(sign: &str) -> Option<(Binary, u8)> {
    Some(match sign {
        "|" => (Binary::BitOr, 3),
        "^" => (Binary::BitXor, 4),
        "&" => (Binary::BitAnd, 5),
        "==" => (Binary::Eq, 6),
        "!=" => (Binary::Ne, 6),
        "===" => (Binary::Same, 6),
        "!==" => (Binary::NotSame, 6),
        "<" => (Binary::Lt, 8),
        "<=" => (Binary::Le, 8),
        ">" => (Binary::Gt, 8),
        ">=" => (Binary::Ge, 8),
        "<<" => (Binary::Shl, 9),
        ">>" => (Binary::Shr, 9),
        ">>>" => (Binary::UShr, 9),
        "=~" => (Binary::Find, 10),
        "==~" => (Binary::Match, 10),
        "+" => (Binary::Add, 11),
        "-" => (Binary::Sub, 11),
        "*" => (Binary::Mul, 12),
        "/" => (Binary::Div, 12),
        "%" => (Binary::Rem, 12),
        _ => return None,
    })
}

/// The operator of a compound assignment; `=` has none.
fn assignment(sign: &str) -> Option<Option<Binary>> {
    let operator = sign.strip_suffix('=')?;
    match operator {
        "" => Some(None),
        "+" | "-" | "*" | "/" | "%" | "&" | "^" | "|" | "<<" | ">>" | ">>>" => {
            binary(operator).map(|(operator, _)| Some(operator))
        }
        _ => None,
    }
}

impl Parser<'_> {
    /// An expression with everything: assignment, `?:`, lambdas.
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.nested(Self::assigned)
    }

    fn assigned(&mut self) -> Parsed<Expr> {
        if self.at_lambda() {
            return self.lambda();
        }
        let left = self.conditional()?;
        let at = self.place();
        let Kind::Sign(sign) = *self.peek() else { return Ok(left) };
        let Some(op) = assignment(sign) else { return Ok(left) };
        if !matches!(left.kind, Ast::Name(_) | Ast::Field { .. } | Ast::Index { .. }) {
            return self.fail(
                left.at,
                format!("only a variable, a field or a place in a list can stand before [{sign}]; to compare, write [==]"),
            );
        }
        self.next();
        let value = self.expr()?;
        let below = left.depth.max(value.depth);
        self.make(at, below, Ast::Assign { op, target: Box::new(left), value: Box::new(value) })
    }

    /// `a ? b : c` and `a ?: b`.
    fn conditional(&mut self) -> Parsed<Expr> {
        let test = self.operators(0)?;
        let at = self.place();
        if self.take_sign("?:") {
            let other = self.expr()?;
            let below = test.depth.max(other.depth);
            return self.make(at, below, Ast::Elvis { of: Box::new(test), other: Box::new(other) });
        }
        if !self.take_sign("?") {
            return Ok(test);
        }
        let yes = self.expr()?;
        self.expect(":", "between the two values of [?]")?;
        let no = self.expr()?;
        let below = depth([&test, &yes, &no]);
        let (test, yes, no) = (Box::new(test), Box::new(yes), Box::new(no));
        self.make(at, below, Ast::Conditional { test, yes, no })
    }

    /// Operators that bind tighter than `tightness`.
    fn operators(&mut self, tightness: u8) -> Parsed<Expr> {
        let mut left = self.unary()?;
        loop {
            let at = self.place();
            if tightness < INSTANCE_OF && self.take_word("instanceof") {
                let class = self.known_type()?;
                left = self.make(at, left.depth, Ast::InstanceOf { of: Box::new(left), class })?;
                continue;
            }
            let Kind::Sign(sign) = *self.peek() else { return Ok(left) };
            left = match sign {
                "&&" if tightness < AND => self.chain(left, "&&", AND)?,
                "||" if tightness < OR => self.chain(left, "||", OR)?,
                _ => match binary(sign) {
                    Some((op, own)) if own > tightness => {
                        self.next();
                        let right = self.nested(|parser| parser.operators(own))?;
                        let below = left.depth.max(right.depth);
                        let (left, right) = (Box::new(left), Box::new(right));
                        self.make(at, below, Ast::Binary { op, left, right })?
                    }
                    _ => return Ok(left),
                },
            };
        }
    }

    /// `a && b && c` as one list, so that long ones are not deep.
    fn chain(&mut self, first: Expr, sign: &'static str, tightness: u8) -> Parsed<Expr> {
        let at = self.place();
        let mut parts = vec![first];
        while self.take_sign(sign) {
            parts.push(self.nested(|parser| parser.operators(tightness))?);
        }
        let below = depth(&parts);
        self.make(at, below, if tightness == AND { Ast::And(parts) } else { Ast::Or(parts) })
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let at = self.place();
        let op = match *self.peek() {
            Kind::Sign("!") => Unary::Not,
            Kind::Sign("~") => Unary::BitNot,
            Kind::Sign("-") => Unary::Neg,
            Kind::Sign("+") => Unary::Plus,
            Kind::Sign(sign @ ("++" | "--")) => {
                self.next();
                let target = self.nested(Self::unary)?;
                return self.step(at, target, sign == "++", true);
            }
            Kind::Sign("(") if self.at_cast() => return self.cast(),
            _ => return self.postfix(),
        };
        self.next();
        let of = self.nested(Self::unary)?;
        let negated = match (op, &of.kind) {
            (Unary::Neg, Ast::Int(value)) => Some(Ast::Int(value.wrapping_neg())),
            (Unary::Neg, Ast::Long(value)) => Some(Ast::Long(value.wrapping_neg())),
            _ => None,
        };
        match negated {
            Some(kind) => self.make(at, 0, kind),
            None => self.make(at, of.depth, Ast::Unary { op, of: Box::new(of) }),
        }
    }

    pub(super) fn step(&self, at: usize, target: Expr, up: bool, before: bool) -> Parsed<Expr> {
        if !matches!(target.kind, Ast::Name(_) | Ast::Field { .. } | Ast::Index { .. }) {
            return self.fail(at, "only a variable, a field or a place in a list can be counted up or down");
        }
        self.make(at, target.depth, Ast::Step { target: Box::new(target), up, before })
    }

    /// `(type) value`: a type in brackets, and behind it what can start a value.
    fn at_cast(&self) -> bool {
        let len = self.type_len(1);
        if len == 0 || !self.is_sign_at(1 + len, ")") {
            return false;
        }
        let name = self.type_text(1, len);
        let Some(class) = Type::parse(&name) else { return false };
        match self.peek_at(2 + len) {
            Kind::Sign("(" | "[" | "!" | "~") => true,
            Kind::Sign("+" | "-" | "++" | "--") => class.is_primitive() || class == Type::Def,
            Kind::Sign(_) | Kind::End => false,
            Kind::Name(name) => *name != "instanceof",
            _ => true,
        }
    }

    fn cast(&mut self) -> Parsed<Expr> {
        let at = self.place();
        self.next();
        let class = self.known_type()?;
        self.expect(")", "behind the type")?;
        let of = self.nested(Self::unary)?;
        self.make(at, of.depth, Ast::Cast { class, of: Box::new(of) })
    }

    /// The name of a type that scripts have.
    pub(super) fn known_type(&mut self) -> Parsed<String> {
        let at = self.place();
        let name = self.type_name()?;
        match Type::parse(&name) {
            Some(_) => Ok(name),
            None => self.fail(at, format!("Not a type [{name}]: scripts know no such class here")),
        }
    }

    fn at_lambda(&self) -> bool {
        if matches!(self.peek(), Kind::Name(_)) {
            return self.is_sign_at(1, "->");
        }
        if !self.is_sign("(") {
            return false;
        }
        let mut ahead = 1;
        while !self.is_sign_at(ahead, ")") {
            match self.peek_at(ahead) {
                Kind::Name(_) | Kind::Sign("," | "." | "[" | "]") => ahead += 1,
                _ => return false,
            }
        }
        self.is_sign_at(ahead + 1, "->")
    }

    fn lambda(&mut self) -> Parsed<Expr> {
        let at = self.place();
        let params = if self.is_sign("(") {
            self.params()?
        } else {
            let (name, at) = self.identifier("a parameter")?;
            vec![Param { class: "def".to_owned(), name, at }]
        };
        self.expect("->", "behind the parameters")?;
        let (below, body) = if self.is_sign("{") {
            (0, Body::Block(self.block()?))
        } else {
            self.statements.push(at);
            let value = self.expr()?;
            (value.depth, Body::Expr(value))
        };
        self.make(at, below, Ast::Lambda { params, body: Box::new(body) })
    }

    /// `(a, String b)`, the types optional.
    pub(super) fn params(&mut self) -> Parsed<Vec<Param>> {
        self.expect("(", "before the parameters")?;
        let mut params = Vec::new();
        while !self.take_sign(")") {
            if !params.is_empty() {
                self.expect(",", "between parameters, or [)] behind the last")?;
            }
            let typed = matches!(self.peek_at(self.type_len(0)), Kind::Name(_));
            let class = if typed { self.known_type()? } else { "def".to_owned() };
            let (name, at) = self.identifier("a parameter")?;
            params.push(Param { class, name, at });
        }
        Ok(params)
    }
}
