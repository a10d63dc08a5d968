//! Statements.

use super::Run;
use crate::code::{Block, Expr, Stmt};
use crate::exception::{Exception, ExceptionClass, Thrown};
use crate::resolve::default_of;
use crate::types::Type;
use crate::value::{Object, Value};

/// How a statement lets the code go on.
pub(super) enum Flow<'c> {
    Next,
    Break,
    Continue,
    Return(Value<'c>),
}

type Step<'c> = Result<Flow<'c>, Thrown>;

type Catch = (&'static ExceptionClass, usize, Block);

impl<'c> Run<'_, 'c> {
    pub(super) fn block(&mut self, block: &'c Block) -> Step<'c> {
        for statement in &block.statements {
            match self.statement(statement)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, statement: &'c Stmt) -> Step<'c> {
        match statement {
            Stmt::Expr(value) => {
                match value {
                    Expr::Assign(assign) => self.assign(assign),
                    Expr::Call(call) => self.method(call),
                    other => self.compute(other),
                }?;
            }
            Stmt::Declare { slot, class, value, at } => {
                let value = match value {
                    Some(value) => self.eval(value)?,
                    None => default_of(*class),
                };
                let value = self.coerce(value, *class).map_err(|thrown| place(thrown, *at))?;
                self.set_local(*slot, value);
            }
            Stmt::If { arms, otherwise } => {
                for (test, body) in arms {
                    if self.test(test)? {
                        return self.block(body);
                    }
                }
                return self.block(otherwise);
            }
            Stmt::Break => return Ok(Flow::Break),
            Stmt::Continue => return Ok(Flow::Continue),
            Stmt::Return(value) => {
                let value = value.as_ref().map_or(Ok(Value::Null), |value| self.eval(value))?;
                return Ok(Flow::Return(value));
            }
            other => return self.nest(other),
        }
        Ok(Flow::Next)
    }

    /// Loops and exceptions: apart, so that plain statements do not pay for their stack frames.
    #[inline(never)]
    fn nest(&mut self, statement: &'c Stmt) -> Step<'c> {
        match statement {
            Stmt::Loop { init, test, test_first, update, body } => {
                self.block(init)?;
                self.repeat(test.as_ref(), *test_first, update.as_ref(), body)
            }
            Stmt::Each { slot, class, of, body, at } => {
                let of = self.eval(of)?;
                self.each(of, *slot, *class, body).map_err(|thrown| place(thrown, *at))
            }
            Stmt::Throw(value, at) => {
                let value = self.eval(value)?;
                Err(place(self.thrown(value), *at))
            }
            Stmt::Try { body, catches } => self.try_catch(body, catches),
            Stmt::Block(block) => self.block(block),
            plain => self.statement(plain),
        }
    }

    fn repeat(
        &mut self,
        test: Option<&'c Expr>,
        test_first: bool,
        update: Option<&'c Expr>,
        body: &'c Block,
    ) -> Step<'c> {
        let mut tested = test_first;
        loop {
            if let Some(test) = test
                && tested
                && !self.test(test)?
            {
                return Ok(Flow::Next);
            }
            tested = true;
            self.tick()?;
            match self.block(body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                flow => return Ok(flow),
            }
            if let Some(update) = update {
                self.eval(update)?;
            }
        }
    }

    fn each(&mut self, of: Value<'c>, slot: usize, class: Type, body: &'c Block) -> Step<'c> {
        let walk = self.start_walk(of)?;
        let result = self.each_step(walk, slot, class, body);
        self.end_walk(walk);
        result
    }

    fn each_step(&mut self, walk: usize, slot: usize, class: Type, body: &'c Block) -> Step<'c> {
        while let Some(value) = self.advance(walk)? {
            self.tick()?;
            let value = self.coerce(value, class)?;
            self.set_local(slot, value);
            match self.turn(body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    /// One turn of a loop; one that is a single `if`, as in searches, is not entered where that says no.
    #[inline]
    fn turn(&mut self, body: &'c Block) -> Step<'c> {
        match body.statements.as_slice() {
            [Stmt::If { arms, otherwise }] if otherwise.statements.is_empty() => match arms.as_slice() {
                [(test, body)] => {
                    if self.test(test)? {
                        self.block(body)
                    } else {
                        Ok(Flow::Next)
                    }
                }
                _ => self.block(body),
            },
            _ => self.block(body),
        }
    }

    fn try_catch(&mut self, body: &'c Block, catches: &'c [Catch]) -> Step<'c> {
        let frame = (self.base, self.slots.len(), self.levels);
        let thrown = match self.block(body) {
            Ok(flow) => return Ok(flow),
            Err(thrown) => thrown,
        };
        let Some((_, slot, handler)) = catches.iter().find(|(class, ..)| thrown.class.is_a(class)) else {
            return Err(thrown);
        };
        (self.base, self.levels) = (frame.0, frame.2);
        self.slots.truncate(frame.1);
        let exception = self.object(Object::Exception(*thrown));
        self.set_local(*slot, exception);
        self.block(handler)
    }

    /// What `throw` throws for a value.
    fn thrown(&self, value: Value<'c>) -> Thrown {
        match value {
            Value::Object(index) => match &self.objects[index] {
                Object::Exception(exception) => Box::new(exception.clone()),
                _ => Exception::class_cast(format!("[{}] is no exception", self.java_class(value))),
            },
            Value::Null => Exception::bare("NullPointerException", None),
            other => Exception::class_cast(format!("[{}] is no exception", self.java_class(other))),
        }
    }

    pub(super) fn set_local(&mut self, slot: usize, value: Value<'c>) {
        self.slots[self.base + slot] = value;
    }
}

/// Notes where an exception was thrown, unless somebody further in has.
pub(super) fn place(mut thrown: Thrown, at: usize) -> Thrown {
    thrown.at.get_or_insert(at);
    thrown
}
