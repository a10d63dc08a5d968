//! Operators: numbers as Java promotes them, texts, comparison.

use std::cmp::Ordering;

use super::{Outcome, Run};
use crate::ast::{Binary, Unary};
use crate::exception::{Exception, Thrown};
use crate::value::Value;

/// Two numbers of the same type after promotion.
enum Pair {
    Int(i32, i32),
    Long(i64, i64),
    Float(f32, f32),
    Double(f64, f64),
}

fn promote(left: Value<'_>, right: Value<'_>) -> Option<Pair> {
    let wide = |value| match value {
        Value::Char(unit) => Some((0, Value::int(i32::from(unit.get())))),
        Value::Int(_) => Some((0, value)),
        Value::Long(_) => Some((1, value)),
        Value::Float(_) => Some((2, value)),
        Value::Double(_) => Some((3, value)),
        _ => None,
    };
    let ((left_rank, left), (right_rank, right)) = (wide(left)?, wide(right)?);
    let long = |value| match value {
        Value::Int(value) => i64::from(value.get()),
        Value::Long(value) => value,
        _ => 0,
    };
    let float = |value| match value {
        Value::Int(value) => value.get() as f32,
        Value::Long(value) => value as f32,
        Value::Float(value) => value.get(),
        _ => 0.0,
    };
    Some(match left_rank.max(right_rank) {
        0 => Pair::Int(long(left) as i32, long(right) as i32),
        1 => Pair::Long(long(left), long(right)),
        2 => Pair::Float(float(left), float(right)),
        _ => Pair::Double(as_double(left)?, as_double(right)?),
    })
}

/// A number as a double; `None` for anything else.
pub(crate) fn as_double(value: Value<'_>) -> Option<f64> {
    match value {
        Value::Char(unit) => Some(f64::from(unit.get())),
        Value::Int(value) => Some(f64::from(value.get())),
        Value::Long(value) => Some(value as f64),
        Value::Float(value) => Some(f64::from(value.get())),
        Value::Double(value) => Some(value.get()),
        _ => None,
    }
}

/// `==` of numbers after promotion; `None` where one is no number.
pub(crate) fn same_number(left: Value<'_>, right: Value<'_>) -> Option<bool> {
    Some(match promote(left, right)? {
        Pair::Int(a, b) => a == b,
        Pair::Long(a, b) => a == b,
        Pair::Float(a, b) => a == b,
        Pair::Double(a, b) => a == b,
    })
}

/// The order of numbers after promotion; the inner `None` where one is not a number in IEEE's sense.
pub(crate) fn compare_numbers(left: Value<'_>, right: Value<'_>) -> Option<Option<Ordering>> {
    Some(match promote(left, right)? {
        Pair::Int(a, b) => Some(a.cmp(&b)),
        Pair::Long(a, b) => Some(a.cmp(&b)),
        Pair::Float(a, b) => a.partial_cmp(&b),
        Pair::Double(a, b) => a.partial_cmp(&b),
    })
}

impl<'c> Run<'_, 'c> {
    #[inline(never)]
    pub(super) fn binary(&mut self, op: Binary, left: Value<'c>, right: Value<'c>) -> Outcome<'c> {
        match op {
            Binary::Eq => Ok(Value::bool(self.equal(left, right))),
            Binary::Ne => Ok(Value::bool(!self.equal(left, right))),
            Binary::Same => Ok(Value::bool(self.same(left, right))),
            Binary::NotSame => Ok(Value::bool(!self.same(left, right))),
            Binary::Find | Binary::Match => self.matches(op, left, right),
            Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge => {
                let order =
                    compare_numbers(left, right).ok_or_else(|| self.not_applicable(op, left, right))?;
                Ok(Value::bool(match op {
                    Binary::Lt => order == Some(Ordering::Less),
                    Binary::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                    Binary::Gt => order == Some(Ordering::Greater),
                    _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
                }))
            }
            Binary::Shl | Binary::Shr | Binary::UShr => self.shift(op, left, right),
            Binary::BitAnd | Binary::BitOr | Binary::BitXor => self.bits(op, left, right),
            Binary::Add if self.as_str(left).is_some() || self.as_str(right).is_some() => {
                self.concat(left, right)
            }
            _ => self.number(op, left, right),
        }
    }

    fn number(&self, op: Binary, left: Value<'c>, right: Value<'c>) -> Outcome<'c> {
        let pair = promote(left, right).ok_or_else(|| self.not_applicable(op, left, right))?;
        let by_zero = || Exception::new("ArithmeticException", "/ by zero");
        Ok(match pair {
            Pair::Int(a, b) => Value::int(match op {
                Binary::Add => a.wrapping_add(b),
                Binary::Sub => a.wrapping_sub(b),
                Binary::Mul => a.wrapping_mul(b),
                _ if b == 0 => return Err(by_zero()),
                Binary::Div => a.wrapping_div(b),
                _ => a.wrapping_rem(b),
            }),
            Pair::Long(a, b) => Value::Long(match op {
                Binary::Add => a.wrapping_add(b),
                Binary::Sub => a.wrapping_sub(b),
                Binary::Mul => a.wrapping_mul(b),
                _ if b == 0 => return Err(by_zero()),
                Binary::Div => a.wrapping_div(b),
                _ => a.wrapping_rem(b),
            }),
            Pair::Float(a, b) => Value::float(match op {
                Binary::Add => a + b,
                Binary::Sub => a - b,
                Binary::Mul => a * b,
                Binary::Div => a / b,
                _ => a % b,
            }),
            Pair::Double(a, b) => Value::double(match op {
                Binary::Add => a + b,
                Binary::Sub => a - b,
                Binary::Mul => a * b,
                Binary::Div => a / b,
                _ => a % b,
            }),
        })
    }

    /// Shifts: the type is the left operand's; of the right one the low five or six bits count.
    fn shift(&self, op: Binary, left: Value<'c>, right: Value<'c>) -> Outcome<'c> {
        let by = match right {
            Value::Int(by) => by.get() as u32,
            Value::Long(by) => by as u32,
            Value::Char(by) => u32::from(by.get()),
            _ => return Err(self.not_applicable(op, left, right)),
        };
        Ok(match left {
            Value::Long(value) => Value::Long(match op {
                Binary::Shl => value.wrapping_shl(by),
                Binary::Shr => value.wrapping_shr(by),
                _ => (value as u64).wrapping_shr(by) as i64,
            }),
            Value::Int(_) | Value::Char(_) => {
                let value = match left {
                    Value::Int(value) => value.get(),
                    Value::Char(unit) => i32::from(unit.get()),
                    _ => 0,
                };
                Value::int(match op {
                    Binary::Shl => value.wrapping_shl(by),
                    Binary::Shr => value.wrapping_shr(by),
                    _ => (value as u32).wrapping_shr(by) as i32,
                })
            }
            _ => return Err(self.not_applicable(op, left, right)),
        })
    }

    fn bits(&self, op: Binary, left: Value<'c>, right: Value<'c>) -> Outcome<'c> {
        if let (Value::Bool(a), Value::Bool(b)) = (left, right) {
            let (a, b) = (a.get(), b.get());
            return Ok(Value::bool(match op {
                Binary::BitAnd => a & b,
                Binary::BitOr => a | b,
                _ => a ^ b,
            }));
        }
        match promote(left, right) {
            Some(Pair::Int(a, b)) => Ok(Value::int(match op {
                Binary::BitAnd => a & b,
                Binary::BitOr => a | b,
                _ => a ^ b,
            })),
            Some(Pair::Long(a, b)) => Ok(Value::Long(match op {
                Binary::BitAnd => a & b,
                Binary::BitOr => a | b,
                _ => a ^ b,
            })),
            _ => Err(self.not_applicable(op, left, right)),
        }
    }

    /// `text =~ /pattern/`
    fn matches(&self, op: Binary, left: Value<'c>, right: Value<'c>) -> Outcome<'c> {
        let Value::Pattern(pattern) = right else {
            let reason = format!(
                "cannot implicitly cast def [{}] to java.util.regex.Pattern",
                self.class(right).unboxed()
            );
            return Err(Exception::class_cast(reason));
        };
        let text = match self.as_str(left) {
            Some(text) => text,
            None if matches!(left, Value::Null) => {
                let reason =
                    "Cannot invoke \"java.lang.CharSequence.length()\" because \"this.text\" is null";
                return Err(Exception::null_pointer(reason));
            }
            None => {
                let from = self.class(left).unboxed();
                let reason = format!("cannot implicitly cast def [{from}] to java.lang.CharSequence");
                return Err(Exception::class_cast(reason));
            }
        };
        let found = match op {
            Binary::Find => pattern.finds(text),
            _ => pattern.match_whole(text).map(|groups| groups.is_some()),
        };
        Ok(Value::bool(found?))
    }

    /// An operator of one operand; `!` is a test.
    #[inline(never)]
    pub(super) fn unary(&self, op: Unary, of: Value<'c>) -> Outcome<'c> {
        Ok(match (op, of) {
            (Unary::Plus, Value::Int(_) | Value::Long(_) | Value::Float(_) | Value::Double(_)) => of,
            (Unary::Plus | Unary::Neg | Unary::BitNot, Value::Char(unit)) => {
                return self.unary(op, Value::int(i32::from(unit.get())));
            }
            (Unary::Neg, Value::Int(value)) => Value::int(value.get().wrapping_neg()),
            (Unary::Neg, Value::Long(value)) => Value::Long(value.wrapping_neg()),
            (Unary::Neg, Value::Float(value)) => Value::float(-value.get()),
            (Unary::Neg, Value::Double(value)) => Value::double(-value.get()),
            (Unary::BitNot, Value::Int(value)) => Value::int(!value.get()),
            (Unary::BitNot, Value::Long(value)) => Value::Long(!value),
            (_, Value::Null) => return Err(null_operand("unary")),
            _ => {
                let sign = match op {
                    Unary::BitNot => '~',
                    Unary::Plus => '+',
                    _ => '-',
                };
                let reason = format!("Cannot apply [{sign}] operation to type [{}].", self.java_class(of));
                return Err(Exception::class_cast(reason));
            }
        })
    }

    fn not_applicable(&self, op: Binary, left: Value<'c>, right: Value<'c>) -> Thrown {
        match (left, right) {
            (Value::Null, _) => null_operand("left"),
            (_, Value::Null) => null_operand("right"),
            _ => Exception::class_cast(format!(
                "Cannot apply [{}] operation to types [{}] and [{}].",
                sign(op),
                self.java_class(left),
                self.java_class(right)
            )),
        }
    }
}

/// The most frequent operators of two ints; `None` for the others.
#[inline]
pub(super) fn whole_numbers<'c>(op: Binary, left: i32, right: i32) -> Option<Value<'c>> {
    Some(match op {
        Binary::Eq => Value::bool(left == right),
        Binary::Ne => Value::bool(left != right),
        Binary::Lt => Value::bool(left < right),
        Binary::Le => Value::bool(left <= right),
        Binary::Gt => Value::bool(left > right),
        Binary::Ge => Value::bool(left >= right),
        Binary::Add => Value::int(left.wrapping_add(right)),
        Binary::Sub => Value::int(left.wrapping_sub(right)),
        _ => return None,
    })
}

/// What an operator on null throws.
fn null_operand(side: &str) -> Thrown {
    Exception::null_pointer(format!("Cannot invoke \"Object.getClass()\" because \"{side}\" is null"))
}

fn sign(op: Binary) -> &'static str {
    match op {
        Binary::Mul => "*",
        Binary::Div => "/",
        Binary::Rem => "%",
        Binary::Add => "+",
        Binary::Sub => "-",
        Binary::Shl => "<<",
        Binary::Shr => ">>",
        Binary::UShr => ">>>",
        Binary::BitAnd => "&",
        Binary::BitXor => "^",
        Binary::BitOr => "|",
        Binary::Lt => "<",
        Binary::Le => "<=",
        Binary::Gt => ">",
        Binary::Ge => ">=",
        Binary::Eq => "==",
        Binary::Ne => "!=",
        Binary::Same => "===",
        Binary::NotSame => "!==",
        Binary::Find => "=~",
        Binary::Match => "==~",
    }
}
