//! Expressions.

use std::sync::Arc;

use super::{Resolved, Resolver, fold, step};
use event::Key;
use event::doc::Place;

use crate::ast::{self, Binary, Body, Kind as Ast};
use crate::code::{Assign, Block, Call, Expr, Lambda, PathStep, Stmt, Target};
use crate::fixed::Fixed;
use crate::methods::{self, is_read_only};
use crate::pattern::Pattern;
use crate::resolve::stmt::default_of;
use crate::types::Type;

impl Resolver<'_> {
    pub(super) fn expr(&mut self, expr: &ast::Expr) -> Resolved<Expr> {
        self.nested(|resolver| resolver.any_expr(expr))
    }

    fn exprs(&mut self, exprs: &[ast::Expr]) -> Resolved<Vec<Expr>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn boxed(&mut self, expr: &ast::Expr) -> Resolved<Box<Expr>> {
        self.expr(expr).map(Box::new)
    }

    /// An expression whose value is only read: a literal list or map is then made once.
    pub(super) fn read_only(&mut self, expr: &ast::Expr) -> Resolved<Expr> {
        self.expr(expr).map(fold::constant)
    }

    /// Each kind in a function of its own, so that a deep script does not pay for the stack frames of all.
    fn any_expr(&mut self, expr: &ast::Expr) -> Resolved<Expr> {
        let at = expr.at;
        match &expr.kind {
            Ast::Null => constant(Fixed::Null),
            Ast::Bool(value) => constant(Fixed::Bool(*value)),
            Ast::Int(value) => constant(Fixed::Int(*value)),
            Ast::Long(value) => constant(Fixed::Long(*value)),
            Ast::Float(value) => constant(Fixed::Float(*value)),
            Ast::Double(value) => constant(Fixed::Double(*value)),
            Ast::Text(text) => constant(Fixed::Text(Key::new(text))),
            Ast::Regex { pattern, flags } => self.pattern(pattern, flags, at),
            Ast::Name(name) => self.name(name, at),
            Ast::Field { of, name, safe } => self.field(of, step(name, *safe, at)),
            Ast::Index { of, index } => self.index(of, index, at),
            Ast::Call { of, name, args, safe } => self.call(of.as_deref(), name, args, *safe, at),
            Ast::New { class, args } => self.constructor(class, args, at),
            Ast::NewArray { class, length, values } => self.array(class, length.as_deref(), values, at),
            Ast::List(values) => self.exprs(values).map(Expr::List),
            Ast::Map(entries) => self.map(entries),
            Ast::Unary { op, of } => self.unary(*op, of, at),
            Ast::Step { target, up, before } => self.step(target, *up, *before, at),
            Ast::Binary { op, left, right } => self.binary(*op, left, right, at),
            Ast::And(parts) => self.tests(parts).map(Expr::And),
            Ast::Or(parts) => self.any_of(parts),
            Ast::InstanceOf { of, class } => self.instance_of(of, class, at),
            Ast::Cast { class, of } => self.cast(class, of, at),
            Ast::Conditional { test, yes, no } => self.conditional(test, yes, no),
            Ast::Elvis { of, other } => self.elvis(of, other),
            Ast::Assign { op, target, value } => self.assign(*op, target, value, at),
            Ast::Lambda { params, body } => self.lambda(params, body),
            Ast::Reference { of, name } => self.reference(of, name, at),
        }
    }

    fn pattern(&self, pattern: &str, flags: &str, at: usize) -> Resolved<Expr> {
        match Pattern::compile_with_flags(pattern, flags) {
            Ok(pattern) => Ok(Expr::Pattern(Arc::new(pattern))),
            Err(reason) => self.fail(at, format!("regular expression: {reason}")),
        }
    }

    fn array(
        &mut self,
        class: &str,
        length: Option<&ast::Expr>,
        values: &[ast::Expr],
        at: usize,
    ) -> Resolved<Expr> {
        match length {
            None => self.exprs(values).map(Expr::Array),
            Some(length) => {
                let default = default_of(self.class(class, at)?);
                Ok(Expr::NewArray { default, length: self.boxed(length)?, at })
            }
        }
    }

    fn map(&mut self, entries: &[(ast::Expr, ast::Expr)]) -> Resolved<Expr> {
        let mut code = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            code.push((self.expr(key)?, self.expr(value)?));
        }
        Ok(Expr::Map(code))
    }

    fn unary(&mut self, op: ast::Unary, of: &ast::Expr, at: usize) -> Resolved<Expr> {
        let of = self.boxed(of)?;
        if op == ast::Unary::Not {
            self.check_cast(fold::static_type(&of), Type::Boolean, at)?;
        }
        Ok(Expr::Unary { op, of, at })
    }

    /// `x++` is `x += 1` that may give the value from before.
    fn step(&mut self, target: &ast::Expr, up: bool, before: bool, at: usize) -> Resolved<Expr> {
        let op = Some(if up { Binary::Add } else { Binary::Sub });
        let (target, value) = (self.target(target)?, Expr::Const(Fixed::Int(1)));
        Ok(Expr::Assign(Box::new(Assign { target, op, value, gives_old: !before, at })))
    }

    fn binary(&mut self, op: Binary, left: &ast::Expr, right: &ast::Expr, at: usize) -> Resolved<Expr> {
        Ok(Expr::Binary { op, left: self.boxed(left)?, right: self.boxed(right)?, at })
    }

    fn instance_of(&mut self, of: &ast::Expr, class: &str, at: usize) -> Resolved<Expr> {
        Ok(Expr::InstanceOf { of: self.boxed(of)?, class: self.class(class, at)? })
    }

    fn cast(&mut self, class: &str, of: &ast::Expr, at: usize) -> Resolved<Expr> {
        Ok(Expr::Cast { class: self.class(class, at)?, of: self.boxed(of)?, at })
    }

    fn conditional(&mut self, test: &ast::Expr, yes: &ast::Expr, no: &ast::Expr) -> Resolved<Expr> {
        let (test, at) = (self.boxed(test)?, test.at);
        self.check_cast(fold::static_type(&test), Type::Boolean, at)?;
        Ok(Expr::Conditional { test, yes: self.boxed(yes)?, no: self.boxed(no)? })
    }

    fn elvis(&mut self, of: &ast::Expr, other: &ast::Expr) -> Resolved<Expr> {
        Ok(Expr::Elvis { of: self.boxed(of)?, other: self.boxed(other)? })
    }

    fn assign(
        &mut self,
        op: Option<Binary>,
        target: &ast::Expr,
        value: &ast::Expr,
        at: usize,
    ) -> Resolved<Expr> {
        let (target, value) = (self.target(target)?, self.expr(value)?);
        if let (Target::Local { class, .. }, None) = (&target, op) {
            self.check_cast(fold::static_type(&value), *class, at)?;
        }
        Ok(Expr::Assign(Box::new(Assign { target, op, value, gives_old: false, at })))
    }

    /// The parts of `&&` and `||`.
    fn tests(&mut self, parts: &[ast::Expr]) -> Resolved<Vec<Expr>> {
        let mut tests = Vec::with_capacity(parts.len());
        for part in parts {
            let test = self.expr(part)?;
            self.check_cast(fold::static_type(&test), Type::Boolean, part.at)?;
            tests.push(test);
        }
        Ok(tests)
    }

    /// The parts of `||`; what several of them ask of the class of one value is asked once.
    fn any_of(&mut self, parts: &[ast::Expr]) -> Resolved<Expr> {
        let mut tests: Vec<Expr> = Vec::with_capacity(parts.len());
        for test in self.tests(parts)? {
            match (tests.last_mut(), test) {
                (Some(Expr::InstanceOf { of: before, class }), Expr::InstanceOf { of, class: other })
                    if reads_the_same(before, &of)
                        && let (Some(one), Some(two)) = (class.classes(), other.classes()) =>
                {
                    *class = Type::OneOf(one | two);
                }
                (_, test) => tests.push(test),
            }
        }
        Ok(match tests.len() {
            1 => tests.remove(0),
            _ => Expr::Or(tests),
        })
    }

    fn name(&mut self, name: &str, at: usize) -> Resolved<Expr> {
        if let Some(variable) = self.lookup(name) {
            return Ok(Expr::Local(variable.slot));
        }
        match name {
            "ctx" => Ok(Expr::Ctx),
            "params" => Ok(Expr::Params),
            _ => self.fail(
                at,
                format!(
                    "cannot resolve symbol [{name}]: declare it with [def {name}], or write [ctx.{name}] for a field \
                     of the document and ['{name}'] for a text"
                ),
            ),
        }
    }

    fn field(&mut self, of: &ast::Expr, step: PathStep) -> Resolved<Expr> {
        if let Ast::Name(class) = &of.kind
            && let Some(value) = methods::static_field(class, step.key.name())
            && self.lookup(class).is_none()
        {
            return Ok(Expr::Const(value));
        }
        if let Ast::Name(class) = &of.kind
            && let Some(native) = methods::static_object(class, step.key.name())
            && self.lookup(class).is_none()
        {
            return Ok(Expr::Static { native, args: Vec::new(), at: of.at });
        }
        let of = self.expr(of)?;
        Ok(self.field_of(of, step))
    }

    fn field_of(&mut self, of: Expr, step: PathStep) -> Expr {
        let field = self.places.add(above(&of, &step), &step.key);
        match of {
            Expr::Ctx => Expr::Path(Box::new([PathStep { field, ..step }])),
            Expr::Path(steps) => Expr::Path(steps.into_iter().chain([PathStep { field, ..step }]).collect()),
            Expr::Params => match &self.params {
                Fixed::Map(params) => Expr::Const(params.get(&step.key).cloned().unwrap_or(Fixed::Null)),
                _ => Expr::Const(Fixed::Null),
            },
            Expr::Const(Fixed::Map(map)) => Expr::Const(map.get(&step.key).cloned().unwrap_or(Fixed::Null)),
            other => Expr::Field { of: Box::new(other), step },
        }
    }

    fn index(&mut self, of: &ast::Expr, index: &ast::Expr, at: usize) -> Resolved<Expr> {
        let of = self.read_only(of)?;
        match &index.kind {
            Ast::Text(name) if matches!(of, Expr::Ctx | Expr::Path(_) | Expr::Params) => {
                // A text is no place in a list, though it may be one of digits.
                Ok(self.field_of(of, PathStep { place: None, ..step(name, false, at) }))
            }
            _ => Ok(Expr::Index { of: Box::new(of), index: self.boxed(index)?, at }),
        }
    }

    fn call(
        &mut self,
        of: Option<&ast::Expr>,
        name: &str,
        args: &[ast::Expr],
        safe: bool,
        at: usize,
    ) -> Resolved<Expr> {
        let Some(of) = of else { return self.own_call(name, args, at) };
        if let Some(class) = self.class_before(of) {
            return self.static_call(&class, name, args, at);
        }
        let natives = methods::find(name, args.len());
        if natives.iter().all(Option::is_none) {
            let reason = match methods::arities(name).as_slice() {
                [] => {
                    format!("Unknown method [{name}]: no class that scripts have here has one of this name")
                }
                arities => format!("[{name}] takes {} arguments, not {}", list(arities), args.len()),
            };
            return self.fail(at, reason);
        }
        let of = if is_read_only(name) { self.read_only(of)? } else { self.expr(of)? };
        let args = self.exprs(args)?;
        Ok(Expr::Call(Box::new(Call { of, name: name.into(), args, safe, natives, at })))
    }

    /// The class that a static method is called on.
    fn class_before(&mut self, of: &ast::Expr) -> Option<String> {
        let Ast::Name(name) = &of.kind else { return None };
        let known = Type::parse(name).is_some() || methods::has_statics(name);
        (known && self.lookup(name).is_none()).then(|| name.clone())
    }

    fn own_call(&mut self, name: &str, args: &[ast::Expr], at: usize) -> Resolved<Expr> {
        let Some(index) = self.signature(name, args.len()) else {
            let reason = format!(
                "Unknown call [{name}] with [{}] arguments: the script has no such function",
                args.len()
            );
            return self.fail(at, reason);
        };
        let code = self.exprs(args)?;
        for (place, (arg, value)) in args.iter().zip(&code).enumerate() {
            self.check_cast(fold::static_type(value), self.signatures[index].params[place], arg.at)?;
        }
        Ok(Expr::Function { index, args: code, at })
    }

    fn static_call(&mut self, class: &str, name: &str, args: &[ast::Expr], at: usize) -> Resolved<Expr> {
        let Some(native) = methods::find_static(class, name, args.len()) else {
            let reason = match methods::static_names(class).as_slice() {
                [] => format!("[{class}] has no static methods that scripts have here"),
                names => format!(
                    "static method [{class}, {name}/{}] not found; there are {}",
                    args.len(),
                    list(names)
                ),
            };
            return self.fail(at, reason);
        };
        Ok(Expr::Static { native, args: self.exprs(args)?, at })
    }

    fn constructor(&mut self, class: &str, args: &[ast::Expr], at: usize) -> Resolved<Expr> {
        if let (Some(Type::Exception(own)), 0 | 1) = (Type::parse(class), args.len()) {
            let mut all = vec![Expr::Const(Fixed::Text(Key::new(own.name)))];
            all.extend(self.exprs(args)?);
            return Ok(Expr::Static { native: methods::new_exception, args: all, at });
        }
        match methods::find_constructor(class, args.len()) {
            Some(native) => Ok(Expr::Static { native, args: self.exprs(args)?, at }),
            None => self.fail(at, format!("constructor [{class}, <init>/{}] not found", args.len())),
        }
    }

    fn target(&mut self, target: &ast::Expr) -> Resolved<Target> {
        let at = target.at;
        match &target.kind {
            Ast::Name(name) => match self.lookup(name) {
                Some(variable) if variable.captured => self.fail(
                    at,
                    format!("[{name}] stands outside of this lambda and can not be assigned in it: use a list or a map"),
                ),
                Some(variable) => Ok(Target::Local { slot: variable.slot, class: variable.class }),
                None if matches!(name.as_str(), "ctx" | "params") => {
                    self.fail(at, format!("Variable [{name}] is read-only: assign to one of its fields"))
                }
                None => self.name(name, at).and_then(|_| self.fail(at, "this can not be assigned to")),
            },
            Ast::Field { of, name, safe: false } => {
                let (of, step) = (self.expr(of)?, step(name, false, at));
                let field = self.places.add(above(&of, &step), &step.key);
                Ok(Target::Field { of, step: PathStep { field, ..step } })
            }
            Ast::Field { .. } => self.fail(at, "Cannot assign to a null safe operation [?.]: write [.]"),
            Ast::Index { of, index } => {
                let (of, index) = (self.expr(of)?, self.expr(index)?);
                Ok(Target::Index { of, index })
            }
            _ => self.fail(at, "this can not be assigned to"),
        }
    }

    fn lambda(&mut self, params: &[ast::Param], body: &Body) -> Resolved<Expr> {
        let level = self.level;
        self.frames.push(super::Frame {
            variables: Vec::new(),
            slots: 0,
            returns: Type::Def,
            captures: Some(Vec::new()),
        });
        let function = self.framed(params, level, |resolver| match body {
            Body::Expr(value) => Ok(Block { statements: vec![Stmt::Return(Some(resolver.expr(value)?))] }),
            Body::Block(statements) => {
                let statements: Vec<&ast::Stmt> = statements.iter().collect();
                resolver.block(&statements)
            }
        })?;
        let captures = self.frames.pop().and_then(|frame| frame.captures).unwrap_or_default();
        Ok(Expr::Lambda(Box::new(Lambda::Code { function, captures })))
    }

    fn reference(&mut self, of: &str, name: &str, at: usize) -> Resolved<Expr> {
        if of == "this" {
            return match self.signatures.iter().position(|own| own.name == name) {
                Some(index) => Ok(Expr::Lambda(Box::new(Lambda::Function(index)))),
                None => self.fail(at, format!("function reference [this::{name}] matching no function")),
            };
        }
        let statics = [0, 1, 2].map(|arity| match name {
            "new" => methods::find_constructor(of, arity),
            _ => methods::find_static(of, name, arity),
        });
        let methods = [0, 1].map(|arity| methods::find(name, arity));
        let known = Type::parse(of).is_some() || methods::has_statics(of);
        if !known
            || statics.iter().chain(methods.iter().flat_map(|natives| natives.iter())).all(Option::is_none)
        {
            return self.fail(
                at,
                format!("function reference [{of}::{name}] matching no method that scripts have here"),
            );
        }
        Ok(Expr::Lambda(Box::new(Lambda::Method { statics, methods, name: name.into() })))
    }
}

fn constant(value: Fixed) -> Resolved<Expr> {
    Ok(Expr::Const(value))
}

/// The place of what a field is looked for in.
pub(crate) fn above(of: &Expr, step: &PathStep) -> Place {
    match of {
        Expr::Ctx if step.meta => Place::METADATA,
        Expr::Ctx => Place::SOURCE,
        Expr::Path(steps) => steps.last().map_or(Place::NONE, |last| last.field),
        _ => Place::NONE,
    }
}

/// "a, b or c"
fn list<T: std::fmt::Display>(values: &[T]) -> String {
    let texts: Vec<String> = values.iter().map(T::to_string).collect();
    match texts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
        None => String::new(),
    }
}

/// Whether two expressions are the same look at the same value.
fn reads_the_same(one: &Expr, other: &Expr) -> bool {
    match (one, other) {
        (Expr::Local(one), Expr::Local(other)) => one == other,
        (Expr::Path(one), Expr::Path(other)) => one
            .iter()
            .map(|step| (step.field, step.safe))
            .eq(other.iter().map(|step| (step.field, step.safe))),
        _ => false,
    }
}
