-- Pipelines and stored scripts that were put over HTTP.
CREATE TABLE definition (
    kind     TEXT NOT NULL CHECK (kind IN ('pipeline', 'script')),
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,             -- JSON, as it was put
    created  INTEGER NOT NULL,          -- milliseconds since 1970
    modified INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
