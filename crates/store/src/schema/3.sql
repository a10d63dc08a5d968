-- Rows that were indexed at once, with the words that so many of them have that they are in `frequent` and not in the
-- full-text index: ` word word `.
CREATE TABLE block (first INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT;

CREATE TABLE frequent (
    -- The block.
    first INTEGER NOT NULL,
    word TEXT NOT NULL,
    -- 0 and a bit for each row, least significant first, or 1 and the steps between the rows that have the word (seven bits
    -- a byte, the lowest first), both from the multiple of 64 on that the block begins at or behind.
    rows BLOB NOT NULL,
    PRIMARY KEY (first, word)
) STRICT, WITHOUT ROWID;
