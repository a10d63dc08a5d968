//! What can be told about an expression without running it.

use crate::ast::Binary;
use crate::code::Expr;
use crate::fixed::{Fixed, FixedMap};
use crate::types::Type;

/// The type of an expression, where it is sure; the null literal is of type Object.
pub(crate) fn static_type(expr: &Expr) -> Option<Type> {
    match expr {
        Expr::Const(value) => match value {
            Fixed::Null => Type::parse("Object"),
            Fixed::Bool(_) => Some(Type::Boolean),
            Fixed::Int(_) => Some(Type::Int),
            Fixed::Long(_) => Some(Type::Long),
            Fixed::Float(_) => Some(Type::Float),
            Fixed::Double(_) => Some(Type::Double),
            Fixed::Text(_) => Type::parse("String"),
            Fixed::List(_) => Type::parse("ArrayList"),
            Fixed::Map(_) => Type::parse("HashMap"),
        },
        Expr::List(_) => Type::parse("ArrayList"),
        Expr::Map(_) => Type::parse("HashMap"),
        Expr::And(_) | Expr::Or(_) | Expr::InstanceOf { .. } => Some(Type::Boolean),
        Expr::Binary { op, left, right, .. } => match op {
            Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge => Some(Type::Boolean),
            Binary::Eq | Binary::Ne | Binary::Same | Binary::NotSame | Binary::Find | Binary::Match => {
                Some(Type::Boolean)
            }
            Binary::Add if is_text(left) || is_text(right) => Type::parse("String"),
            _ => None,
        },
        Expr::Assign(assign) => static_type(&assign.value).filter(|_| assign.op.is_none()),
        _ => None,
    }
}

fn is_text(expr: &Expr) -> bool {
    static_type(expr).is_some_and(|class| class.java() == "java.lang.String")
}

/// Whether a value of one type turns into another without a cast.
pub(super) fn castable(from: Type, to: Type) -> bool {
    if from == to || to == Type::Def || to.java() == "java.lang.Object" {
        return true;
    }
    let wide =
        |class: Type| [Type::Int, Type::Long, Type::Float, Type::Double].iter().position(|own| *own == class);
    match (from, to) {
        (_, Type::Void) => false,
        // A null fits everything but primitive types.
        (Type::Class(class), _) if class.name == "Object" => !to.is_primitive(),
        // The value of an int literal may fit.
        (Type::Int, Type::Byte | Type::Short | Type::Char) => true,
        (Type::Class(a), Type::Class(b)) => match a.name {
            "ArrayList" => matches!(b.name, "List" | "Collection" | "Iterable"),
            "HashMap" => b.name == "Map",
            "String" => b.name == "CharSequence",
            _ => false,
        },
        (Type::Class(class), Type::Char) => class.name == "String",
        (_, Type::Class(class)) => {
            class.name == "Number" && wide(from).is_some() || class.boxed == Some(from)
        }
        _ => matches!((wide(from), wide(to)), (Some(from), Some(to)) if from <= to),
    }
}

/// A literal of constants as a constant. Only flat ones: what is taken out of a nested one could be changed.
pub(super) fn constant(expr: Expr) -> Expr {
    match expr {
        Expr::List(values) if values.iter().all(|value| matches!(value, Expr::Const(_))) => {
            Expr::Const(Fixed::List(values.into_iter().filter_map(fixed).collect()))
        }
        Expr::Map(entries)
            if entries.iter().all(|entry| matches!(entry, (Expr::Const(Fixed::Text(_)), Expr::Const(_)))) =>
        {
            let mut map = FixedMap::default();
            for (key, value) in entries {
                if let (Some(Fixed::Text(key)), Some(value)) = (fixed(key), fixed(value)) {
                    map.put(key, value);
                }
            }
            Expr::Const(Fixed::Map(map))
        }
        other => other,
    }
}

fn fixed(expr: Expr) -> Option<Fixed> {
    match expr {
        Expr::Const(value) => Some(value),
        _ => None,
    }
}
