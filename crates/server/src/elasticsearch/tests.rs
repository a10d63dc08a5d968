//! The calls over HTTP.
