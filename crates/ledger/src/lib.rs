//! Durable state of the sidecar: checkpoints, quarantine and the balance.
