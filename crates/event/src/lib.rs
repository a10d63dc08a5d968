//! What travels through the sidecar: raw events, the document value, documents, receipts and checkpoints.
