-- The journal of alarms. Moments are seconds since 1970 (REAL); states are JSON of alarms.lifecycle.Alarm.

CREATE TABLE IF NOT EXISTS alarm (
    alarm_id     TEXT PRIMARY KEY,
    site_id      TEXT NOT NULL,
    rule         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    dedup_key    TEXT NOT NULL,
    is_open      INTEGER NOT NULL,
    next_step_at REAL,
    return_at    REAL,
    state        BLOB NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS alarm_one_open ON alarm (dedup_key) WHERE is_open;
CREATE INDEX IF NOT EXISTS alarm_open_subject ON alarm (subject, rule) WHERE is_open;
CREATE INDEX IF NOT EXISTS alarm_step_due ON alarm (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS alarm_return_due ON alarm (return_at) WHERE return_at IS NOT NULL;

-- Append only: every transition and every send, in order; the projection follows it by log_id. A new journal counts on
-- from the milliseconds of its first moment, so that its lines come after those of any journal before it.
CREATE TABLE IF NOT EXISTS log (
    log_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    alarm_id TEXT NOT NULL,
    version  INTEGER NOT NULL,
    at       REAL NOT NULL,
    event    TEXT NOT NULL,
    by       TEXT NOT NULL,
    detail   BLOB NOT NULL,
    state    BLOB
);
CREATE INDEX IF NOT EXISTS log_of_alarm ON log (alarm_id);

CREATE TABLE IF NOT EXISTS send (
    send_key    TEXT PRIMARY KEY,
    alarm_id    TEXT NOT NULL,
    step        INTEGER NOT NULL,
    round       INTEGER NOT NULL,
    target      TEXT NOT NULL,
    channel     TEXT NOT NULL,
    address     TEXT NOT NULL,
    reason      TEXT NOT NULL,
    urgent      INTEGER NOT NULL,
    due_at      REAL NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    next_try_at REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS send_due ON send (urgent DESC, next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS send_of_alarm ON send (alarm_id) WHERE next_try_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS lane (
    gateway_id TEXT NOT NULL,
    boot       TEXT NOT NULL,
    position   INTEGER NOT NULL,
    ahead      TEXT NOT NULL,
    used_at    REAL NOT NULL,
    PRIMARY KEY (gateway_id, boot)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS command (
    command_id TEXT PRIMARY KEY,
    at         REAL NOT NULL,
    reply      BLOB NOT NULL
) WITHOUT ROWID;

-- A device in test: its alarms are marked and call nobody until the moment given here.
CREATE TABLE IF NOT EXISTS testing (
    device_id TEXT PRIMARY KEY,
    until     REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS gateway (
    gateway_id TEXT PRIMARY KEY,
    boot       TEXT NOT NULL,
    state      TEXT NOT NULL,
    at         REAL NOT NULL,
    lost_at    REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS gateway_lost_due ON gateway (lost_at) WHERE lost_at IS NOT NULL;
