//! The syntax tree, as the parser leaves it: names are not resolved yet.

/// An expression.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: Kind,
    /// Bytes from the start of the script.
    pub(crate) at: usize,
    /// How many levels of expressions it has, itself counted.
    pub(crate) depth: usize,
}

/// Operators of two operands, `&&` and `||` excepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Mul,
    Div,
    Rem,
    Add,
    Sub,
    Shl,
    Shr,
    UShr,
    BitAnd,
    BitXor,
    BitOr,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    Same,
    NotSame,
    /// `=~`
    Find,
    /// `==~`
    Match,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Not,
    BitNot,
    Neg,
    Plus,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    Text(String),
    Regex {
        pattern: String,
        flags: String,
    },
    Name(String),
    Field {
        of: Box<Expr>,
        name: String,
        safe: bool,
    },
    Index {
        of: Box<Expr>,
        index: Box<Expr>,
    },
    Call {
        of: Option<Box<Expr>>,
        name: String,
        args: Vec<Expr>,
        safe: bool,
    },
    New {
        class: String,
        args: Vec<Expr>,
    },
    /// `new int[3]`: one length; `new int[] {1, 2}`: the values.
    NewArray {
        class: String,
        length: Option<Box<Expr>>,
        values: Vec<Expr>,
    },
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Unary {
        op: Unary,
        of: Box<Expr>,
    },
    /// `++x`, `x++` and so on.
    Step {
        target: Box<Expr>,
        up: bool,
        before: bool,
    },
    Binary {
        op: Binary,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    And(Vec<Expr>),
    Or(Vec<Expr>),
    InstanceOf {
        of: Box<Expr>,
        class: String,
    },
    Cast {
        class: String,
        of: Box<Expr>,
    },
    Conditional {
        test: Box<Expr>,
        yes: Box<Expr>,
        no: Box<Expr>,
    },
    Elvis {
        of: Box<Expr>,
        other: Box<Expr>,
    },
    Assign {
        op: Option<Binary>,
        target: Box<Expr>,
        value: Box<Expr>,
    },
    Lambda {
        params: Vec<Param>,
        body: Box<Body>,
    },
    /// `Objects::isNull`, `this::f`, `String::new`.
    Reference {
        of: String,
        name: String,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Expr(Expr),
    Block(Vec<Stmt>),
}

#[derive(Clone, Debug)]
pub(crate) struct Param {
    /// `def` where none is written.
    pub(crate) class: String,
    pub(crate) name: String,
    pub(crate) at: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Stmt {
    pub(crate) kind: StmtKind,
    pub(crate) at: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum StmtKind {
    Expr(Expr),
    Declare(Vec<(Param, Option<Expr>)>),
    If { arms: Vec<(Expr, Vec<Stmt>)>, otherwise: Vec<Stmt> },
    While { test: Expr, body: Vec<Stmt> },
    DoWhile { body: Vec<Stmt>, test: Expr },
    For { init: Option<Box<Stmt>>, test: Option<Expr>, update: Option<Expr>, body: Vec<Stmt> },
    Each { variable: Param, of: Expr, body: Vec<Stmt> },
    Break,
    Continue,
    Return(Option<Expr>),
    Throw(Expr),
    Try { body: Vec<Stmt>, catches: Vec<(Param, Vec<Stmt>)> },
    Block(Vec<Stmt>),
}

#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) returns: String,
    pub(crate) name: String,
    pub(crate) params: Vec<Param>,
    pub(crate) body: Vec<Stmt>,
    pub(crate) at: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) functions: Vec<Function>,
    pub(crate) body: Vec<Stmt>,
}
