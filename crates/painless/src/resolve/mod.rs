//! The syntax tree to code: names to slots, functions and classes; constants folded.

mod expr;
mod fold;
mod stmt;

use event::Key;
use event::doc::Places;

use crate::ast::{self, Param, StmtKind};
use crate::code::{Block, Function, Program, Stmt};
use crate::error::{CompileError, Mistake};
use crate::fixed::Fixed;
use crate::types::Type;

pub(crate) use expr::above;
pub(crate) use fold::static_type;
pub(crate) use stmt::default_of;

type Resolved<T> = Result<T, Mistake>;

/// What a script is for, which tells what its last expression means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// `if`: must give a boolean.
    Condition,
    /// A processor's script: gives nothing.
    Statements,
    /// Asked for what it gives, whatever that is.
    Value,
}

/// Resolves a script.
pub(crate) fn resolve(
    source: &str,
    script: &ast::Script,
    purpose: Purpose,
    params: Fixed,
    places: &mut Places,
) -> Resolved<Program> {
    let mut resolver = Resolver {
        source,
        places,
        signatures: Vec::new(),
        params,
        frames: Vec::new(),
        in_body: false,
        level: 0,
        deepest: 0,
    };
    for function in &script.functions {
        resolver.declare_function(function)?;
    }
    let functions =
        script.functions.iter().map(|function| resolver.function(function)).collect::<Resolved<_>>()?;
    let returns = match purpose {
        Purpose::Condition => Type::Boolean,
        Purpose::Statements => Type::Void,
        Purpose::Value => Type::Def,
    };
    let body: Vec<&ast::Stmt> = script.body.iter().collect();
    resolver.in_body = true;
    let mut main = resolver.frame(&[], returns, 0, |resolver| resolver.block(&body))?;
    if purpose != Purpose::Statements {
        resolver.return_last(&script.body, &mut main)?;
    }
    Ok(Program { functions, main, params: resolver.params })
}

/// A function that scripts can call.
struct Signature {
    name: String,
    params: Vec<Type>,
}

/// A variable in sight.
#[derive(Clone)]
struct Variable {
    name: String,
    slot: usize,
    class: Type,
    captured: bool,
}

/// The variables of a function or lambda while it is resolved.
struct Frame {
    variables: Vec<Variable>,
    slots: usize,
    returns: Type,
    /// Slots of the frame around that a lambda reads, each with its own slot for it.
    captures: Option<Vec<(usize, usize)>>,
}

struct Resolver<'s> {
    source: &'s str,
    /// Where paths lead.
    places: &'s mut Places,
    signatures: Vec<Signature>,
    params: Fixed,
    frames: Vec<Frame>,
    /// Whether the script's body is resolved, not a function: `ctx` and `params` are variables there, while a function
    /// may call its own ones so.
    in_body: bool,
    level: usize,
    deepest: usize,
}

impl Resolver<'_> {
    fn fail<T>(&self, at: usize, reason: impl Into<String>) -> Resolved<T> {
        Err(CompileError::new(self.source, at, reason))
    }

    fn class(&self, name: &str, at: usize) -> Resolved<Type> {
        match Type::parse(name) {
            Some(class) => Ok(class),
            None => self.fail(at, format!("Not a type [{name}]: scripts know no such class here")),
        }
    }

    fn param_types(&self, params: &[Param]) -> Resolved<Vec<Type>> {
        params.iter().map(|param| self.class(&param.class, param.at)).collect()
    }

    fn declare_function(&mut self, function: &ast::Function) -> Resolved<()> {
        let params = self.param_types(&function.params)?;
        if self.signature(&function.name, params.len()).is_some() {
            let reason = format!("Found duplicate function [{}/{}]", function.name, params.len());
            return self.fail(function.at, reason);
        }
        self.signatures.push(Signature { name: function.name.clone(), params });
        Ok(())
    }

    fn signature(&self, name: &str, arity: usize) -> Option<usize> {
        self.signatures.iter().position(|own| own.name == name && own.params.len() == arity)
    }

    fn function(&mut self, function: &ast::Function) -> Resolved<Function> {
        let returns = self.class(&function.returns, function.at)?;
        let body: Vec<&ast::Stmt> = function.body.iter().collect();
        let mut resolved = self.frame(&function.params, returns, 0, |resolver| resolver.block(&body))?;
        if returns != Type::Void {
            self.return_last(&function.body, &mut resolved)?;
        }
        Ok(resolved)
    }

    /// A function's code, its variables apart from those around.
    fn frame(
        &mut self,
        params: &[Param],
        returns: Type,
        level: usize,
        body: impl FnOnce(&mut Self) -> Resolved<Block>,
    ) -> Resolved<Function> {
        self.frames.push(Frame { variables: Vec::new(), slots: 0, returns, captures: None });
        let function = self.framed(params, level, body)?;
        self.frames.pop();
        Ok(function)
    }

    /// Resolves a body in the frame that was pushed last.
    fn framed(
        &mut self,
        params: &[Param],
        level: usize,
        body: impl FnOnce(&mut Self) -> Resolved<Block>,
    ) -> Resolved<Function> {
        let types = self.param_types(params)?;
        for param in params {
            self.declare(param)?;
        }
        let (outer, deepest) = (std::mem::replace(&mut self.level, level), std::mem::take(&mut self.deepest));
        let body = body(self)?;
        let levels = std::mem::replace(&mut self.deepest, deepest).max(level);
        self.level = outer;
        let frame = self.top();
        Ok(Function { params: types, returns: frame.returns, slots: frame.slots, levels, body })
    }

    #[expect(clippy::expect_used, reason = "variables only occur inside a frame, and a script's body is one")]
    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a frame")
    }

    /// Declares a variable; its slot and type.
    fn declare(&mut self, param: &Param) -> Resolved<(usize, Type)> {
        let class = self.class(&param.class, param.at)?;
        if class == Type::Void {
            return self.fail(param.at, format!("[{}] can not be of type [void]: write [def]", param.name));
        }
        let name = &param.name;
        if self.lookup(name).is_some() || (self.in_body && matches!(name.as_str(), "ctx" | "params")) {
            return self.fail(param.at, format!("variable [{name}] is already defined"));
        }
        let name = name.clone();
        let frame = self.top();
        let slot = frame.slots;
        frame.slots += 1;
        frame.variables.push(Variable { name, slot, class, captured: false });
        Ok((slot, class))
    }

    /// A variable in sight; one from around a lambda is captured.
    fn lookup(&mut self, name: &str) -> Option<Variable> {
        self.lookup_in(self.frames.len().checked_sub(1)?, name)
    }

    fn lookup_in(&mut self, frame: usize, name: &str) -> Option<Variable> {
        let own = self.frames[frame].variables.iter().rev().find(|variable| variable.name == name);
        if let Some(variable) = own {
            return Some(variable.clone());
        }
        self.frames[frame].captures.as_ref()?;
        let outer = self.lookup_in(frame.checked_sub(1)?, name)?;
        let own = &mut self.frames[frame];
        let slot = own.slots;
        own.slots += 1;
        own.captures.get_or_insert_default().push((outer.slot, slot));
        let inner = Variable { slot, captured: true, ..outer };
        own.variables.insert(0, inner.clone());
        Some(inner)
    }

    /// Runs `inner` in a scope of its own: what it declares is out of sight behind it.
    fn scope<T>(&mut self, inner: impl FnOnce(&mut Self) -> Resolved<T>) -> Resolved<T> {
        let before = self.top().variables.iter().filter(|variable| !variable.captured).count();
        let result = inner(self)?;
        let frame = self.top();
        let mut own = 0;
        frame.variables.retain(|variable| {
            own += usize::from(!variable.captured);
            variable.captured || own <= before
        });
        Ok(result)
    }

    /// Counts a level of the tree for as long as `inner` takes.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Resolved<T>) -> Resolved<T> {
        self.level += 1;
        self.deepest = self.deepest.max(self.level);
        let result = inner(self);
        self.level -= 1;
        result
    }

    /// The last expression of what gives something is its result, without `return` too.
    fn return_last(&self, body: &[ast::Stmt], function: &mut Function) -> Resolved<()> {
        let Some(last) = body.last().filter(|last| matches!(last.kind, StmtKind::Expr(_))) else {
            return Ok(());
        };
        if let Some(Stmt::Expr(value)) = function.body.statements.pop() {
            self.check_cast(static_type(&value), function.returns, last.at)?;
            function.body.statements.push(Stmt::Return(Some(value)));
        }
        Ok(())
    }

    /// Refuses what can be told at once to be of the wrong type.
    fn check_cast(&self, from: Option<Type>, to: Type, at: usize) -> Resolved<()> {
        match from {
            Some(from) if !fold::castable(from, to) => {
                let reason = format!("Cannot cast from [{}] to [{}].", from.java(), to.java());
                self.fail(at, reason)
            }
            _ => Ok(()),
        }
    }
}

/// The fields of `ctx` that are no fields of the source.
pub(crate) fn is_metadata(name: &str) -> bool {
    matches!(name, "_index" | "_id" | "_routing" | "_version" | "_version_type")
}

/// A name as one step of a path.
fn step(name: &str, safe: bool, at: usize) -> crate::code::PathStep {
    crate::code::PathStep {
        key: Key::new(name),
        place: name.parse().ok(),
        meta: is_metadata(name),
        safe,
        field: event::doc::Place::NONE,
        at,
    }
}
