-- What detect remembers: its judgements on their way, where it stands in every lane, and the core's state.

CREATE TABLE IF NOT EXISTS identity (
    boot     TEXT NOT NULL,
    next_seq INTEGER NOT NULL
);

-- body: the pack's records as a JSON array
CREATE TABLE IF NOT EXISTS judgement (
    seq  INTEGER PRIMARY KEY,
    body BLOB NOT NULL
);

-- ahead: a JSON array of the packs behind a gap
CREATE TABLE IF NOT EXISTS lane (
    lane       TEXT NOT NULL,
    gateway_id TEXT NOT NULL,
    boot       TEXT NOT NULL,
    position   INTEGER NOT NULL,
    ahead      BLOB NOT NULL,
    used_at    REAL NOT NULL,
    CONSTRAINT lane_place PRIMARY KEY (lane, gateway_id, boot)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS state (
    name TEXT PRIMARY KEY,
    body BLOB NOT NULL
);
