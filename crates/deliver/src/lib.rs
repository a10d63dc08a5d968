//! Drives collectors, normalization and the destination until every event is answered for.
