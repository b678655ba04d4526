-- The gateway's spool: packs on their way, and what the gateway must remember over a restart.

CREATE TABLE IF NOT EXISTS identity (
    boot TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS lane (
    lane     TEXT PRIMARY KEY,
    next_seq INTEGER NOT NULL,
    dropped  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- body: the pack's records or tables as JSON members, or a motion window
CREATE TABLE IF NOT EXISTS pack (
    lane TEXT NOT NULL,
    seq  INTEGER NOT NULL,
    body BLOB NOT NULL,
    CONSTRAINT pack_place UNIQUE (lane, seq)
);

CREATE TABLE IF NOT EXISTS state (
    name TEXT PRIMARY KEY,
    body BLOB NOT NULL
) WITHOUT ROWID;
