-- How far each source has been answered for.
CREATE TABLE checkpoint (
    source   TEXT PRIMARY KEY,
    position TEXT NOT NULL              -- JSON of the collector's own
) STRICT, WITHOUT ROWID;

-- What became of the events of each source. It balances at every commit, or the commit fails.
CREATE TABLE balance (
    source      TEXT NOT NULL,
    dataset     TEXT NOT NULL,
    accepted    INTEGER NOT NULL,
    indexed     INTEGER NOT NULL CHECK (indexed >= 0),
    stored      INTEGER NOT NULL CHECK (stored >= 0),
    diverted    INTEGER NOT NULL CHECK (diverted >= 0),
    duplicate   INTEGER NOT NULL CHECK (duplicate >= 0),
    quarantined INTEGER NOT NULL CHECK (quarantined >= 0),
    dropped     INTEGER NOT NULL CHECK (dropped >= 0),
    failed      INTEGER NOT NULL CHECK (failed >= 0),
    PRIMARY KEY (source, dataset),
    CONSTRAINT balances CHECK (accepted = indexed + stored + diverted + duplicate + quarantined + dropped)
) STRICT, WITHOUT ROWID;

-- Events that the destination refused for good.
CREATE TABLE quarantine (
    number    INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    source    TEXT NOT NULL,
    dataset   TEXT NOT NULL,
    stream    TEXT NOT NULL,
    id        TEXT NOT NULL,
    held      INTEGER NOT NULL,                  -- when it was last refused, milliseconds since 1970
    status    INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    location  TEXT,
    offset    INTEGER NOT NULL,
    collected INTEGER NOT NULL,                  -- nanoseconds since 1970
    raw       BLOB NOT NULL,
    document  BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX quarantine_id ON quarantine (stream, id);
