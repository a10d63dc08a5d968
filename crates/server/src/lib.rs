//! The HTTP side: viewer, health and metrics.
