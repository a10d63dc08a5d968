//! The look-ups of pipelines: MaxMind databases, named networks.
