//! Collects events from files and standard input.
