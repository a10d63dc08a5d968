//! The command line of trailcar.

fn main() {}
