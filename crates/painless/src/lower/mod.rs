//! The resolved tree to flat code.
//!
//! Operands are read when their operation runs. One that something in between could change is copied first, so that
//! everything is evaluated in the order it is written in.

mod assign;
mod expr;
mod stmt;
mod test;

use crate::code::{self, Expr};
use crate::flat::{Function, Landing, Meets, Op, Operand, Slot, Target};
use crate::resolve::default_of;

/// A function's flat code.
pub(crate) fn function(tree: &code::Function) -> Function {
    let mut lower = Lower::of(tree);
    lower.block(&tree.body);
    lower.finish(tree)
}

/// The flat code of a function that is nothing but a test.
pub(crate) fn condition(tree: &code::Function, test: &Expr) -> Function {
    let mut lower = Lower::of(tree);
    let answer = lower.temporary();
    lower.truth(test, answer);
    lower.emit(Op::Return(Operand::Slot(answer)), None);
    lower.finish(tree)
}

/// A place in the code that jumps name before it is known.
type Label = Target;

/// Jumps to jumps that are made one.
const MOST_JUMPS: usize = 8;

/// A loop around the present statement.
struct Loop {
    again: Label,
    end: Label,
    /// The slot of its walk, when it is one over a collection.
    walk: Option<Slot>,
}

/// A function under way.
struct Lower {
    code: Vec<Op>,
    places: Vec<Option<usize>>,
    landings: Vec<Landing>,
    /// Where each label stands.
    labels: Vec<Target>,
    loops: Vec<Loop>,
    /// What stands around, for errors of operations that do not know their place.
    around: Option<usize>,
    /// Slots of the function's variables, behind which the others are.
    variables: usize,
    /// The next slot that is free.
    next: usize,
    /// Slots so far.
    slots: usize,
}

impl Lower {
    /// Behind the last operation.
    const END: Label = 0;

    fn of(tree: &code::Function) -> Self {
        Self {
            code: Vec::new(),
            places: Vec::new(),
            landings: Vec::new(),
            labels: vec![0],
            loops: Vec::new(),
            around: None,
            variables: tree.slots,
            next: tree.slots,
            slots: tree.slots,
        }
    }

    /// Adds an operation whose errors stand at a place in the script, or at what is around.
    fn emit(&mut self, op: Op, at: impl Into<Option<usize>>) {
        self.code.push(op);
        self.places.push(at.into().or(self.around));
    }

    /// A slot for what is needed within a statement.
    fn temporary(&mut self) -> Slot {
        let slot = self.next;
        self.next += 1;
        self.slots = self.slots.max(self.next);
        slot as Slot
    }

    fn label(&mut self) -> Label {
        self.labels.push(0);
        self.labels.len() as Label - 1
    }

    /// The label stands here.
    fn bind(&mut self, label: Label) {
        self.labels[label as usize] = self.here();
    }

    fn here(&self) -> Target {
        self.code.len() as Target
    }

    /// Lowers something that gives its place to errors that have none.
    fn within<T>(&mut self, at: usize, inner: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.around.replace(at);
        let result = inner(self);
        self.around = around;
        result
    }

    /// Lowers a loop's turn.
    fn in_loop(&mut self, around: Loop, turn: impl FnOnce(&mut Self)) {
        self.loops.push(around);
        turn(self);
        self.loops.pop();
    }

    fn land(&mut self, from: Target, to: Target, what: Meets) {
        self.landings.push(Landing { from, to, what });
    }

    fn finish(mut self, tree: &code::Function) -> Function {
        self.bind(Self::END);
        let Self { mut code, places, mut landings, labels, slots, .. } = self;
        let jumps: Vec<Option<Label>> = code
            .iter()
            .map(|op| match op {
                Op::Jump(then) => Some(*then),
                _ => None,
            })
            .collect();
        // A jump to a jump goes where that one goes; around an empty loop there is no end of them.
        let place_of = |label: Label| {
            let mut at = labels[label as usize];
            for _ in 0..jumps.len().min(MOST_JUMPS) {
                match jumps.get(at as usize).copied().flatten() {
                    Some(then) => at = labels[then as usize],
                    None => break,
                }
            }
            at
        };
        for target in code.iter_mut().flat_map(Op::targets).flatten() {
            *target = place_of(*target);
        }
        for landing in &mut landings {
            if let Meets::Catch { handler, .. } = &mut landing.what {
                *handler = labels[*handler as usize];
            }
        }
        let (params, returns, levels) =
            (tree.params.iter().map(|class| (*class).into()).collect(), tree.returns, tree.levels);
        let default = default_of(returns);
        Function { params, returns, default, slots, levels, code, places, landings }
    }
}

/// Whether reading an expression takes no operation.
fn is_plain(expr: &Expr) -> bool {
    matches!(expr, Expr::Const(_) | Expr::Local(_) | Expr::Ctx | Expr::Params | Expr::Pattern(_))
}

/// Whether an expression is sure to leave all variables as they are.
fn is_quiet(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field { of, .. } | Expr::InstanceOf { of, .. } | Expr::Cast { of, .. } => is_quiet(of),
        Expr::Binary { left, right, .. } => is_quiet(left) && is_quiet(right),
        Expr::Index { of, index, .. } => is_quiet(of) && is_quiet(index),
        Expr::Call(call) => is_quiet(&call.of) && call.args.iter().all(is_quiet),
        Expr::Static { args, .. } | Expr::Function { args, .. } | Expr::List(args) => {
            args.iter().all(is_quiet)
        }
        plain => is_plain(plain),
    }
}
