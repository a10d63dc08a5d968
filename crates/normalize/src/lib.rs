//! Turns batches of raw events into documents by running the pipeline of their dataset.
