//! Statements and functions.

use super::{Parsed, Parser};
use crate::ast::{Function, Param, Script, Stmt, StmtKind};
use crate::lexer::Kind;
use crate::types::Type;

impl Parser<'_> {
    pub(super) fn script(&mut self) -> Parsed<Script> {
        let mut functions = Vec::new();
        while self.at_function() {
            functions.push(self.function()?);
        }
        let mut body = Vec::new();
        while *self.peek() != Kind::End {
            body.push(self.statement()?);
        }
        Ok(Script { functions, body })
    }

    /// `type name(`
    fn at_function(&self) -> bool {
        let len = self.type_len(0);
        len > 0 && matches!(self.peek_at(len), Kind::Name(_)) && self.is_sign_at(len + 1, "(")
    }

    fn function(&mut self) -> Parsed<Function> {
        let returns = self.known_type()?;
        let (name, at) = self.identifier("a function")?;
        let params = self.params()?;
        let body = self.block()?;
        Ok(Function { returns, name, params, body, at })
    }

    /// `{ … }`
    pub(super) fn block(&mut self) -> Parsed<Vec<Stmt>> {
        self.nested(|parser| {
            parser.expect("{", "before the statements")?;
            let mut statements = Vec::new();
            while !parser.take_sign("}") {
                if *parser.peek() == Kind::End {
                    return parser.unexpected("[}] to close the block");
                }
                statements.push(parser.statement()?);
            }
            Ok(statements)
        })
    }

    /// A block, or one statement without brackets, or an empty one.
    fn body(&mut self) -> Parsed<Vec<Stmt>> {
        if self.is_sign("{") {
            return self.block();
        }
        if self.take_sign(";") {
            return Ok(Vec::new());
        }
        self.nested(|parser| Ok(vec![parser.statement()?]))
    }

    fn statement(&mut self) -> Parsed<Stmt> {
        self.nested(Self::any_statement)
    }

    fn any_statement(&mut self) -> Parsed<Stmt> {
        let at = self.place();
        if matches!(self.peek(), Kind::Name("while" | "do" | "for" | "try")) {
            self.statements.push(at);
        }
        let kind = match *self.peek() {
            Kind::Name("if") => self.if_else()?,
            Kind::Name("while") => self.while_loop()?,
            Kind::Name("do") => self.do_while()?,
            Kind::Name("for") => self.for_loop()?,
            Kind::Name("try") => self.try_catch()?,
            Kind::Sign("{") => StmtKind::Block(self.block()?),
            Kind::Sign(";") => {
                self.next();
                StmtKind::Block(Vec::new())
            }
            _ => {
                let kind = self.simple()?;
                self.end_of_statement()?;
                kind
            }
        };
        Ok(Stmt { kind, at })
    }

    /// A statement that ends with a semicolon.
    fn simple(&mut self) -> Parsed<StmtKind> {
        let is_word = matches!(self.peek(), Kind::Name("break" | "continue" | "return" | "throw"));
        if !is_word && self.at_declaration() {
            return self.declaration();
        }
        self.statements.push(self.place());
        if self.take_word("break") {
            return Ok(StmtKind::Break);
        }
        if self.take_word("continue") {
            return Ok(StmtKind::Continue);
        }
        if self.take_word("return") {
            let ends = matches!(self.peek(), Kind::End | Kind::Sign(";" | "}"));
            return Ok(StmtKind::Return(if ends { None } else { Some(self.expr()?) }));
        }
        if self.take_word("throw") {
            return self.expr().map(StmtKind::Throw);
        }
        self.expr().map(StmtKind::Expr)
    }

    /// The semicolon; the last statement of a block or script needs none.
    fn end_of_statement(&mut self) -> Parsed<()> {
        if self.take_sign(";") || matches!(self.peek(), Kind::End | Kind::Sign("}")) {
            return Ok(());
        }
        self.unexpected("[;] behind the statement, or an operator")
    }

    fn at_declaration(&self) -> bool {
        let len = self.type_len(0);
        let named = matches!(self.peek_at(len), Kind::Name(name) if !matches!(*name, "instanceof" | "in"));
        // A path of names is more likely a field with an operator missing than an unknown type.
        len > 0 && named && (len == 1 || Type::parse(&self.type_text(0, len)).is_some())
    }

    fn declaration(&mut self) -> Parsed<StmtKind> {
        let class = self.known_type()?;
        let mut names = Vec::new();
        loop {
            let (name, at) = self.identifier("a variable")?;
            self.statements.push(at);
            let value = if self.take_sign("=") { Some(self.expr()?) } else { None };
            names.push((Param { class: class.clone(), name, at }, value));
            if !self.take_sign(",") {
                return Ok(StmtKind::Declare(names));
            }
        }
    }

    /// All arms in one list, so that a long `else if` is not deep.
    fn if_else(&mut self) -> Parsed<StmtKind> {
        let mut arms = Vec::new();
        loop {
            self.statements.push(self.place());
            self.next();
            let test = self.bracketed("if")?;
            arms.push((test, self.body()?));
            if !self.take_word("else") {
                return Ok(StmtKind::If { arms, otherwise: Vec::new() });
            }
            if !self.is_word("if") {
                let otherwise = self.body()?;
                return Ok(StmtKind::If { arms, otherwise });
            }
        }
    }

    fn bracketed(&mut self, word: &str) -> Parsed<crate::ast::Expr> {
        self.expect("(", &format!("behind [{word}]"))?;
        let test = self.expr()?;
        self.expect(")", &format!("behind the condition of [{word}]"))?;
        Ok(test)
    }

    fn while_loop(&mut self) -> Parsed<StmtKind> {
        self.next();
        let test = self.bracketed("while")?;
        Ok(StmtKind::While { test, body: self.body()? })
    }

    fn do_while(&mut self) -> Parsed<StmtKind> {
        self.next();
        let body = self.block()?;
        if !self.take_word("while") {
            return self.unexpected("[while] behind the block of [do]");
        }
        let test = self.bracketed("while")?;
        self.end_of_statement()?;
        Ok(StmtKind::DoWhile { body, test })
    }

    fn for_loop(&mut self) -> Parsed<StmtKind> {
        self.next();
        self.expect("(", "behind [for]")?;
        if let Some(variable) = self.each_variable()? {
            let of = self.expr()?;
            self.expect(")", "behind what [for] walks over")?;
            return Ok(StmtKind::Each { variable, of, body: self.body()? });
        }
        let at = self.place();
        let init = match self.peek() {
            Kind::Sign(";") => None,
            _ => Some(Box::new(Stmt { kind: self.simple()?, at })),
        };
        self.expect(";", "behind the first part of [for]")?;
        let test = if self.is_sign(";") { None } else { Some(self.expr()?) };
        self.expect(";", "behind the second part of [for]")?;
        let update = if self.is_sign(")") { None } else { Some(self.expr()?) };
        self.expect(")", "behind the third part of [for]")?;
        Ok(StmtKind::For { init, test, update, body: self.body()? })
    }

    /// `type name :` or `name in`
    fn each_variable(&mut self) -> Parsed<Option<Param>> {
        let len = self.type_len(0);
        let untyped = matches!(self.peek_at(1), Kind::Name("in")) && matches!(self.peek(), Kind::Name(_));
        let typed = len > 0
            && matches!(self.peek_at(len), Kind::Name(_))
            && (self.is_sign_at(len + 1, ":") || matches!(self.peek_at(len + 1), Kind::Name("in")));
        if !untyped && !typed {
            return Ok(None);
        }
        let class = if untyped { "def".to_owned() } else { self.known_type()? };
        let (name, at) = self.identifier("a variable")?;
        self.next();
        Ok(Some(Param { class, name, at }))
    }

    fn try_catch(&mut self) -> Parsed<StmtKind> {
        self.next();
        let body = self.block()?;
        let mut catches = Vec::new();
        while self.is_word("catch") {
            self.statements.push(self.place());
            self.next();
            self.expect("(", "behind [catch]")?;
            let class = self.known_type()?;
            let (name, at) = self.identifier("a variable")?;
            self.expect(")", "behind the exception")?;
            catches.push((Param { class, name, at }, self.block()?));
        }
        if catches.is_empty() {
            return self.unexpected("[catch] behind the block of [try]");
        }
        Ok(StmtKind::Try { body, catches })
    }
}
