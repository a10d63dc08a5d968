-- Of two chunks that follow each other the index has a term, and of values that are no words: it is made anew. This table is there
-- until that is done.
CREATE TABLE index_again (wanted INTEGER) STRICT;
UPDATE indexed SET row = 0;
-- Which pairs that are not frequent some row of the block has: bits that each sets a few of.
ALTER TABLE block ADD COLUMN others BLOB NOT NULL DEFAULT x'';
