CREATE TABLE event (
    row INTEGER PRIMARY KEY,
    -- Microseconds since 1970.
    time INTEGER NOT NULL,
    -- Numbers of terms; 0: none.
    dataset INTEGER NOT NULL,
    action INTEGER NOT NULL,
    category INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    user INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    -- The document's _id.
    id TEXT NOT NULL
) STRICT;

CREATE TABLE body (
    row INTEGER PRIMARY KEY,
    -- 0: none.
    dictionary INTEGER NOT NULL,
    source BLOB NOT NULL
) STRICT;

CREATE TABLE term (
    -- The columns of event from dataset to stream, from 0.
    dimension INTEGER NOT NULL,
    code INTEGER NOT NULL,
    -- A JSON array of texts.
    value TEXT NOT NULL,
    PRIMARY KEY (dimension, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE dictionary (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;

-- One row: the first event that the full-text index does not have.
CREATE TABLE indexed (row INTEGER NOT NULL) STRICT;
INSERT INTO indexed VALUES (0);
