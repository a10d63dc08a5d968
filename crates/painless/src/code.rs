//! Compiled scripts: the syntax tree with every name resolved.
//!
//! Variables are slots of a frame, names of fields are hashed, calls know the function for each class of receiver,
//! constants are folded. [`crate::lower`] lays it out as flat code, which is what runs.

use std::sync::Arc;

use event::Key;
use event::doc::Place;

use crate::ast::{Binary, Unary};
use crate::exception::ExceptionClass;
use crate::fixed::Fixed;
use crate::methods::{Native, Natives};
use crate::pattern::Pattern;
use crate::types::Type;

/// A compiled script.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) functions: Vec<Function>,
    pub(crate) main: Function,
    pub(crate) params: Fixed,
}

impl Program {
    /// The expression that a condition is, where it is nothing but one.
    pub(crate) fn expression(&self) -> Option<&Expr> {
        match self.main.body.statements.as_slice() {
            [Stmt::Return(Some(expr))] => Some(expr),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Function {
    /// Types of the parameters, which take the first slots.
    pub(crate) params: Vec<Type>,
    pub(crate) returns: Type,
    /// Slots of the frame, parameters counted.
    pub(crate) slots: usize,
    /// Levels of the tree below it: what it may take of the stack.
    pub(crate) levels: usize,
    pub(crate) body: Block,
}

#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) statements: Vec<Stmt>,
}

#[derive(Debug)]
pub(crate) enum Stmt {
    Expr(Expr),
    /// A declaration, with the value that the variable starts with.
    Declare {
        slot: usize,
        class: Type,
        value: Option<Expr>,
        at: usize,
    },
    If {
        arms: Vec<(Expr, Block)>,
        otherwise: Block,
    },
    /// All loops that test a condition; `do` tests it first after the first turn.
    Loop {
        init: Block,
        test: Option<Expr>,
        test_first: bool,
        update: Option<Expr>,
        body: Block,
    },
    Each {
        slot: usize,
        class: Type,
        of: Expr,
        body: Block,
        at: usize,
    },
    Break,
    Continue,
    Return(Option<Expr>),
    Throw(Expr, usize),
    Try {
        body: Block,
        catches: Vec<(&'static ExceptionClass, usize, Block)>,
    },
    Block(Block),
}

#[derive(Debug)]
pub(crate) enum Expr {
    Const(Fixed),
    Pattern(Arc<Pattern>),
    Ctx,
    Params,
    Local(usize),
    /// `ctx.a?.b`: names all the way from the document's root.
    Path(Box<[PathStep]>),
    Field {
        of: Box<Self>,
        step: PathStep,
    },
    Index {
        of: Box<Self>,
        index: Box<Self>,
        at: usize,
    },
    Call(Box<Call>),
    /// A static method or a constructor.
    Static {
        native: Native,
        args: Vec<Self>,
        at: usize,
    },
    Function {
        index: usize,
        args: Vec<Self>,
        at: usize,
    },
    NewArray {
        default: Fixed,
        length: Box<Self>,
        at: usize,
    },
    List(Vec<Self>),
    Array(Vec<Self>),
    Map(Vec<(Self, Self)>),
    Unary {
        op: Unary,
        of: Box<Self>,
        at: usize,
    },
    Binary {
        op: Binary,
        left: Box<Self>,
        right: Box<Self>,
        at: usize,
    },
    And(Vec<Self>),
    Or(Vec<Self>),
    InstanceOf {
        of: Box<Self>,
        class: Type,
    },
    Cast {
        class: Type,
        of: Box<Self>,
        at: usize,
    },
    Conditional {
        test: Box<Self>,
        yes: Box<Self>,
        no: Box<Self>,
    },
    Elvis {
        of: Box<Self>,
        other: Box<Self>,
    },
    Assign(Box<Assign>),
    Lambda(Box<Lambda>),
}

/// One name on a path.
#[derive(Clone, Debug)]
pub(crate) struct PathStep {
    pub(crate) key: Key,
    /// The name as a place in a list, where it is one.
    pub(crate) place: Option<i32>,
    /// Whether it is a field of the metadata when it is read from `ctx` itself.
    pub(crate) meta: bool,
    /// `?.`
    pub(crate) safe: bool,
    /// Where it stands in a document, when the path is one from the document's root.
    pub(crate) field: Place,
    pub(crate) at: usize,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) of: Expr,
    pub(crate) name: Box<str>,
    pub(crate) args: Vec<Expr>,
    pub(crate) safe: bool,
    pub(crate) natives: Natives,
    pub(crate) at: usize,
}

#[derive(Debug)]
pub(crate) struct Assign {
    pub(crate) target: Target,
    /// The operator of `+=` and so on.
    pub(crate) op: Option<Binary>,
    pub(crate) value: Expr,
    /// Whether the expression's value is the one from before: `x++`.
    pub(crate) gives_old: bool,
    pub(crate) at: usize,
}

#[derive(Debug)]
pub(crate) enum Target {
    Local { slot: usize, class: Type },
    Field { of: Expr, step: PathStep },
    Index { of: Expr, index: Expr },
}

/// A lambda or a method reference.
#[derive(Debug)]
pub(crate) enum Lambda {
    Code {
        function: Function,
        /// Slots around it, and the slots of its own that they are copied to.
        captures: Vec<(usize, usize)>,
    },
    Function(usize),
    /// By number of arguments: static methods of one and two, methods of none and one.
    Method {
        statics: [Option<Native>; 3],
        methods: [Natives; 2],
        name: Box<str>,
    },
}
