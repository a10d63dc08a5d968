-- Terms hold more fields: `upgrade` reads them from the documents of the events that are here, and drops the old tables.
ALTER TABLE event RENAME TO event_1;
ALTER TABLE term RENAME TO term_1;

CREATE TABLE event (
    row INTEGER PRIMARY KEY,
    -- Microseconds since 1970.
    time INTEGER NOT NULL,
    -- Numbers of terms; 0: none.
    kind INTEGER NOT NULL,
    user INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    -- The document's _id.
    id TEXT NOT NULL
) STRICT;

CREATE TABLE term (
    -- The columns of event from kind to stream, from 0.
    dimension INTEGER NOT NULL,
    code INTEGER NOT NULL,
    -- A JSON array of arrays of texts.
    value TEXT NOT NULL,
    PRIMARY KEY (dimension, code)
) STRICT, WITHOUT ROWID;
