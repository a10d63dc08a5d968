//! Statements.

use super::{Resolved, Resolver};
use crate::ast::{self, Param, StmtKind};
use crate::code::{Block, Expr, Stmt};
use crate::fixed::Fixed;
use crate::resolve::fold;
use crate::types::Type;

impl Resolver<'_> {
    pub(super) fn block(&mut self, statements: &[&ast::Stmt]) -> Resolved<Block> {
        self.scope(|resolver| {
            let mut code = Vec::with_capacity(statements.len());
            for (at, statement) in statements.iter().enumerate() {
                if matches!(
                    statement.kind,
                    StmtKind::Break | StmtKind::Continue | StmtKind::Return(_) | StmtKind::Throw(_)
                ) && at + 1 < statements.len()
                {
                    return resolver.fail(statements[at + 1].at, "Unreachable statement: nothing leads here");
                }
                resolver.nested(|resolver| resolver.statement(statement, &mut code))?;
            }
            Ok(Block { statements: code })
        })
    }

    fn body(&mut self, statements: &[ast::Stmt]) -> Resolved<Block> {
        let statements: Vec<&ast::Stmt> = statements.iter().collect();
        self.block(&statements)
    }

    fn statement(&mut self, statement: &ast::Stmt, code: &mut Vec<Stmt>) -> Resolved<()> {
        let at = statement.at;
        code.push(match &statement.kind {
            StmtKind::Expr(value) => Stmt::Expr(self.expr(value)?),
            StmtKind::Declare(names) => {
                for (variable, value) in names {
                    let declared = self.declaration(variable, value.as_ref())?;
                    code.push(declared);
                }
                return Ok(());
            }
            StmtKind::If { arms, otherwise } => Stmt::If {
                arms: arms
                    .iter()
                    .map(|(test, body)| Ok((self.test(test)?, self.body(body)?)))
                    .collect::<Resolved<_>>()?,
                otherwise: self.body(otherwise)?,
            },
            StmtKind::While { test, body } => {
                self.check_escape(Some(test), body, at, "while")?;
                let (test, body) = (self.test(test)?, self.body(body)?);
                Stmt::Loop { init: Block::default(), test: Some(test), test_first: true, update: None, body }
            }
            StmtKind::DoWhile { body, test } => {
                self.check_escape(Some(test), body, at, "do-while")?;
                let (body, test) = (self.body(body)?, self.test(test)?);
                Stmt::Loop { init: Block::default(), test: Some(test), test_first: false, update: None, body }
            }
            StmtKind::For { init, test, update, body } => {
                self.check_escape(test.as_ref(), body, at, "for")?;
                self.for_loop(init.as_deref(), test.as_ref(), update.as_ref(), body)?
            }
            StmtKind::Each { variable, of, body } => self.each(variable, of, body, at)?,
            StmtKind::Break => Stmt::Break,
            StmtKind::Continue => Stmt::Continue,
            StmtKind::Return(value) => Stmt::Return(self.returned(value.as_ref(), at)?),
            StmtKind::Throw(value) => Stmt::Throw(self.expr(value)?, at),
            StmtKind::Try { body, catches } => Stmt::Try {
                body: self.body(body)?,
                catches: catches
                    .iter()
                    .map(|(variable, body)| self.catch(variable, body))
                    .collect::<Resolved<_>>()?,
            },
            StmtKind::Block(statements) => Stmt::Block(self.body(statements)?),
        });
        Ok(())
    }

    fn declaration(&mut self, variable: &Param, value: Option<&ast::Expr>) -> Resolved<Stmt> {
        let value = value.map(|value| self.expr(value)).transpose()?;
        let (slot, class) = self.declare(variable)?;
        self.check_cast(value.as_ref().and_then(fold::static_type), class, variable.at)?;
        Ok(Stmt::Declare { slot, class, value, at: variable.at })
    }

    fn for_loop(
        &mut self,
        init: Option<&ast::Stmt>,
        test: Option<&ast::Expr>,
        update: Option<&ast::Expr>,
        body: &[ast::Stmt],
    ) -> Resolved<Stmt> {
        self.scope(|resolver| {
            let mut before = Vec::new();
            if let Some(init) = init {
                resolver.statement(init, &mut before)?;
            }
            Ok(Stmt::Loop {
                init: Block { statements: before },
                test: test.map(|test| resolver.test(test)).transpose()?,
                test_first: true,
                update: update.map(|update| resolver.expr(update)).transpose()?,
                body: resolver.body(body)?,
            })
        })
    }

    fn each(&mut self, variable: &Param, of: &ast::Expr, body: &[ast::Stmt], at: usize) -> Resolved<Stmt> {
        let of = self.read_only(of)?;
        self.scope(|resolver| {
            let (slot, class) = resolver.declare(variable)?;
            Ok(Stmt::Each { slot, class, of, body: resolver.body(body)?, at })
        })
    }

    fn catch(
        &mut self,
        variable: &Param,
        body: &[ast::Stmt],
    ) -> Resolved<(&'static crate::exception::ExceptionClass, usize, Block)> {
        let Type::Exception(class) = self.class(&variable.class, variable.at)? else {
            let reason = format!("[{}] is no exception that can be caught", variable.class);
            return self.fail(variable.at, reason);
        };
        self.scope(|resolver| {
            let (slot, _) = resolver.declare(variable)?;
            Ok((class, slot, resolver.body(body)?))
        })
    }

    fn returned(&mut self, value: Option<&ast::Expr>, at: usize) -> Resolved<Option<Expr>> {
        let returns = self.top().returns;
        match value {
            None if !matches!(returns, Type::Void | Type::Def) => {
                self.fail(at, format!("[return] needs a value of type [{}] here", returns.java()))
            }
            None => Ok(None),
            Some(value) => {
                let code = self.expr(value)?;
                self.check_cast(fold::static_type(&code), returns, value.at)?;
                Ok(Some(code))
            }
        }
    }

    /// A loop whose condition is always true and that nothing leaves is a mistake.
    fn check_escape(
        &self,
        test: Option<&ast::Expr>,
        body: &[ast::Stmt],
        at: usize,
        name: &str,
    ) -> Resolved<()> {
        let endless = test.is_none_or(|test| matches!(test.kind, ast::Kind::Bool(true)));
        if endless && !body.iter().any(leaves) {
            return self.fail(at, format!("no paths escape from {name} loop: add a [break] or a [return]"));
        }
        Ok(())
    }

    /// The condition of an `if` or a loop.
    fn test(&mut self, test: &ast::Expr) -> Resolved<Expr> {
        let code = self.expr(test)?;
        self.check_cast(fold::static_type(&code), Type::Boolean, test.at)?;
        Ok(code)
    }
}

/// Whether a statement may leave the loop around it.
fn leaves(statement: &ast::Stmt) -> bool {
    let any = |body: &[ast::Stmt]| body.iter().any(leaves);
    match &statement.kind {
        StmtKind::Break | StmtKind::Return(_) | StmtKind::Throw(_) => true,
        StmtKind::If { arms, otherwise } => arms.iter().any(|(_, body)| any(body)) || any(otherwise),
        StmtKind::Try { body, catches } => any(body) || catches.iter().any(|(_, body)| any(body)),
        StmtKind::Block(body)
        | StmtKind::While { body, .. }
        | StmtKind::DoWhile { body, .. }
        | StmtKind::For { body, .. }
        | StmtKind::Each { body, .. } => any(body),
        _ => false,
    }
}

/// What a variable without a value starts with, and a function without a `return` gives.
pub(crate) fn default_of(class: Type) -> Fixed {
    match class {
        Type::Boolean => Fixed::Bool(false),
        Type::Byte | Type::Short | Type::Char | Type::Int => Fixed::Int(0),
        Type::Long => Fixed::Long(0),
        Type::Float => Fixed::Float(0.0),
        Type::Double => Fixed::Double(0.0),
        _ => Fixed::Null,
    }
}
