//! Flat code: what a script runs as.
//!
//! A function is a row of operations on the slots of its frame: first the variables, then what lies between two
//! operations. Constants and paths are operands, tests jump, and where an error of an operation stands is looked up by
//! the operation's place when there is one. [`crate::lower`] makes it, [`crate::run`] runs it.

use std::sync::Arc;

use event::Key;
use event::doc::Place;

use crate::ast::{Binary, Unary};
use crate::code::{PathStep, Program as Tree};
use crate::exception::ExceptionClass;
use crate::fixed::Fixed;
use crate::methods::{Native, Natives};
use crate::pattern::Pattern;
use crate::quick::Quick;
use crate::run::Kind;
use crate::types::Type;

/// A place in a frame.
pub(crate) type Slot = u32;

/// A place in a function's code; a number of a label until all of the code is there.
pub(crate) type Target = u32;

/// A script, ready to run.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) functions: Vec<Function>,
    pub(crate) main: Function,
    pub(crate) params: Fixed,
}

impl From<&Tree> for Program {
    fn from(tree: &Tree) -> Self {
        Self {
            functions: tree.functions.iter().map(crate::lower::function).collect(),
            main: match tree.expression() {
                Some(test) if tree.main.returns == Type::Boolean => crate::lower::condition(&tree.main, test),
                _ => crate::lower::function(&tree.main),
            },
            params: tree.params.clone(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Function {
    /// Types of the parameters, which take the first slots.
    pub(crate) params: Vec<Into>,
    pub(crate) returns: Type,
    /// What it gives without a `return`.
    pub(crate) default: Fixed,
    /// Slots of the frame, parameters counted.
    pub(crate) slots: usize,
    /// Levels of the tree that it was: what it counts where calls are stacked up.
    pub(crate) levels: usize,
    pub(crate) code: Vec<Op>,
    /// Where in the script an error of each operation stands, unless something further in knows better.
    pub(crate) places: Vec<Option<usize>>,
    /// What an error meets on its way out, from the inside.
    pub(crate) landings: Vec<Landing>,
}

/// What happens to an error of some operations.
#[derive(Debug)]
pub(crate) struct Landing {
    pub(crate) from: Target,
    pub(crate) to: Target,
    pub(crate) what: Meets,
}

#[derive(Debug)]
pub(crate) enum Meets {
    /// A loop over a collection, which is over then.
    Walk(Slot),
    Catch {
        class: &'static ExceptionClass,
        slot: Slot,
        handler: Target,
    },
}

/// Where a value is read from.
#[derive(Clone, Debug)]
pub(crate) enum Operand {
    Slot(Slot),
    Int(i32),
    Text(Arc<Key>),
    Const(Arc<Fixed>),
    Pattern(Arc<Pattern>),
    Ctx,
    Params,
}

/// `ctx.a?.b`: names all the way from the document's root.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) field: Place,
    /// Where the object is that holds it.
    pub(crate) above: Place,
    pub(crate) steps: Box<[PathStep]>,
}

impl Path {
    pub(crate) fn new(steps: &[PathStep]) -> Self {
        let mut back = steps.iter().rev().map(|step| step.field);
        // The roots are objects at all times.
        let (field, above) = (back.next().unwrap_or(Place::SOURCE), back.next().unwrap_or(Place::SOURCE));
        Self { field, above, steps: steps.into() }
    }
}

/// A type that values are coerced to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Into {
    pub(crate) class: Type,
    /// Run time classes whose values are of the type already, a bit each.
    pub(crate) fits: u32,
}

impl From<Type> for Into {
    fn from(class: Type) -> Self {
        Self { class, fits: class.fits() }
    }
}

/// A method on its receiver.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: Box<str>,
    pub(crate) args: Box<[Operand]>,
    pub(crate) natives: Natives,
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

/// One operation; `to` is the slot of its result. The tag is told from all else, so that one look tells the operation.
#[derive(Debug)]
#[repr(u32)]
pub(crate) enum Op {
    Move {
        to: Slot,
        from: Operand,
    },
    /// Reading it may throw.
    Path {
        to: Slot,
        path: Box<Path>,
    },
    /// Only what loses nothing.
    Coerce {
        to: Slot,
        from: Operand,
        into: Into,
    },
    Cast {
        to: Slot,
        from: Operand,
        class: Type,
    },
    Field {
        to: Slot,
        of: Operand,
        step: Box<PathStep>,
    },
    Index {
        to: Slot,
        of: Operand,
        index: Operand,
    },
    Call {
        to: Slot,
        of: Operand,
        call: Box<Call>,
        /// Classes of a result, a bit each, that the coercion behind it would leave as it is: it is skipped.
        skips: u32,
    },
    Static {
        to: Slot,
        native: Native,
        args: Box<[Operand]>,
    },
    Function {
        to: Slot,
        index: usize,
        args: Box<[Operand]>,
    },
    Lambda {
        to: Slot,
        lambda: Box<Lambda>,
    },
    List {
        to: Slot,
        kind: Option<Kind>,
    },
    Array {
        to: Slot,
        default: Box<Fixed>,
        length: Operand,
    },
    Map {
        to: Slot,
    },
    Push {
        list: Slot,
        value: Operand,
    },
    Put {
        map: Slot,
        key: Operand,
        value: Operand,
    },
    Unary {
        to: Slot,
        op: Unary,
        of: Operand,
    },
    Binary {
        to: Slot,
        op: Binary,
        left: Operand,
        right: Operand,
    },
    /// Throws where what a field is about to be set in is null.
    Present {
        of: Operand,
        name: Box<str>,
    },
    SetField {
        of: Operand,
        /// The place of what the field is set in, where it has one.
        above: Place,
        step: Box<PathStep>,
        value: Operand,
    },
    SetIndex {
        of: Operand,
        index: Operand,
        value: Operand,
    },
    Jump(Target),
    /// Goes to `then` where fields alone say `is`, to `past` where they say the opposite, on where they do not tell.
    Ask {
        quick: Box<Quick>,
        is: bool,
        then: Target,
        past: Target,
    },
    If {
        of: Operand,
        is: bool,
        then: Target,
    },
    IfCall {
        of: Operand,
        call: Box<Call>,
        is: bool,
        then: Target,
    },
    IfNull {
        of: Operand,
        is: bool,
        then: Target,
    },
    /// Of one of some run time classes, a bit each.
    IfInstance {
        of: Operand,
        classes: u32,
        is: bool,
        then: Target,
    },
    IfException {
        of: Operand,
        class: &'static ExceptionClass,
        is: bool,
        then: Target,
    },
    IfEqual {
        left: Operand,
        right: Operand,
        is: bool,
        then: Target,
    },
    IfOrder {
        op: Binary,
        left: Operand,
        right: Operand,
        is: bool,
        then: Target,
    },
    /// Counts a turn of a loop.
    Turn,
    Walk {
        walk: Slot,
        of: Operand,
    },
    /// Over the entries of a map of constants.
    WalkPairs {
        walk: Slot,
        of: Arc<Fixed>,
    },
    /// Goes to the loop's body with the next element of a walk, where there is one.
    Next {
        walk: Slot,
        to: Slot,
        into: Into,
        then: Target,
    },
    EndWalk(Slot),
    Return(Operand),
    Throw(Operand),
}

impl Op {
    /// Where it may jump to.
    pub(crate) fn targets(&mut self) -> [Option<&mut Target>; 2] {
        match self {
            Self::Jump(then)
            | Self::If { then, .. }
            | Self::IfCall { then, .. }
            | Self::IfNull { then, .. }
            | Self::IfInstance { then, .. }
            | Self::IfException { then, .. }
            | Self::IfEqual { then, .. }
            | Self::IfOrder { then, .. }
            | Self::Next { then, .. } => [Some(then), None],
            Self::Ask { then, past, .. } => [Some(then), Some(past)],
            _ => [None, None],
        }
    }
}
