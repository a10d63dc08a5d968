//! The painless script language: lexer, parser, typed tree and compilation to closures over a document.
