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
    shelf_until  REAL,
    state        BLOB NOT NULL,
    resident_id  TEXT,
    expected_at  REAL,
    verify_until REAL,
    lone_fire    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS alarm_one_open ON alarm (dedup_key) WHERE is_open;
CREATE INDEX IF NOT EXISTS alarm_open_subject ON alarm (subject, rule) WHERE is_open;
CREATE INDEX IF NOT EXISTS alarm_open_rule ON alarm (site_id, rule) WHERE is_open;
CREATE INDEX IF NOT EXISTS alarm_step_due ON alarm (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS alarm_return_due ON alarm (return_at) WHERE return_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS alarm_expected ON alarm (expected_at) WHERE expected_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS alarm_verify_due ON alarm (verify_until) WHERE verify_until IS NOT NULL;
-- lone_fire: a fire alarm that sounds and that no second trigger has confirmed yet.
CREATE INDEX IF NOT EXISTS alarm_lone_fire ON alarm (site_id) WHERE lone_fire;
CREATE INDEX IF NOT EXISTS alarm_of_resident ON alarm (resident_id) WHERE resident_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS alarm_of_home ON alarm (subject) WHERE resident_id IS NULL;
CREATE INDEX IF NOT EXISTS alarm_shelf_over ON alarm (shelf_until) WHERE shelf_until IS NOT NULL;

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
    state    BLOB,
    hash     BLOB
);
CREATE INDEX IF NOT EXISTS log_of_alarm ON log (alarm_id);

-- One message to one person over one channel. place: which of the person's channels, counted from 0; hand_over_at: when
-- the next one takes over unless a sign of life has come (receipt_at).
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
    next_try_at REAL,
    place       INTEGER NOT NULL DEFAULT 0,
    hand_over_at REAL,
    receipt_at  REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS send_due ON send (urgent DESC, next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS send_of_alarm ON send (alarm_id) WHERE next_try_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS send_hand_over ON send (hand_over_at) WHERE hand_over_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS send_to_target ON send (target, due_at);

-- What incidents and floods look at. family: fire or fault; priority: 0 is an emergency; speaks: people were told of it;
-- counts: people have to take it in; bundled: nobody was told of it by itself; due_at: when people are to be told first.
CREATE TABLE IF NOT EXISTS grouping (
    alarm_id    TEXT PRIMARY KEY,
    site_id     TEXT NOT NULL,
    family      TEXT,
    room_id     TEXT,
    priority    INTEGER NOT NULL,
    received_at REAL NOT NULL,
    raised_at   REAL NOT NULL,
    incident_id TEXT,
    is_open     INTEGER NOT NULL,
    speaks      INTEGER NOT NULL,
    counts      INTEGER NOT NULL,
    bundled     INTEGER NOT NULL,
    due_at      REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS grouping_near ON grouping (site_id, family, received_at)
    WHERE family IS NOT NULL AND (is_open OR incident_id IS NOT NULL);
CREATE INDEX IF NOT EXISTS grouping_member ON grouping (incident_id, priority, raised_at) WHERE is_open;
CREATE INDEX IF NOT EXISTS grouping_speaker ON grouping (incident_id, priority, raised_at) WHERE speaks;
CREATE INDEX IF NOT EXISTS grouping_room ON grouping (incident_id, room_id, speaks, received_at);
CREATE INDEX IF NOT EXISTS grouping_lately ON grouping (site_id, received_at) WHERE counts;
CREATE INDEX IF NOT EXISTS grouping_bundled ON grouping (site_id) WHERE bundled;
CREATE INDEX IF NOT EXISTS grouping_due ON grouping (site_id, due_at) WHERE due_at IS NOT NULL;

-- A flood of alarms at a site: when to look whether it is over.
CREATE TABLE IF NOT EXISTS flood (
    site_id TEXT PRIMARY KEY,
    until   REAL NOT NULL
) WITHOUT ROWID;

-- An output was asked for in an incident, or refused: not again unless a person says so.
CREATE TABLE IF NOT EXISTS linkage (
    incident_id TEXT NOT NULL,
    output_id   TEXT NOT NULL,
    at          REAL NOT NULL,
    PRIMARY KEY (incident_id, output_id)
) WITHOUT ROWID;

-- Outputs that were asked for at an alarm and are to move until then, for a device can say whether they have.
CREATE TABLE IF NOT EXISTS moving (
    alarm_id  TEXT NOT NULL,
    output_id TEXT NOT NULL,
    until     REAL NOT NULL,
    PRIMARY KEY (alarm_id, output_id)
) WITHOUT ROWID;

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

-- Staff are in a room, as a device there said; over at the moment given here unless it says so again.
CREATE TABLE IF NOT EXISTS presence (
    device_id TEXT PRIMARY KEY,
    site_id   TEXT NOT NULL,
    room_id   TEXT NOT NULL,
    by        TEXT NOT NULL,
    since     REAL NOT NULL,
    until     REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS presence_in_room ON presence (site_id, room_id);

-- A drill that runs; it ends by itself at the moment given here.
CREATE TABLE IF NOT EXISTS drill (
    alarm_id TEXT PRIMARY KEY,
    until    REAL NOT NULL
) WITHOUT ROWID;

-- An address whose provider says that it has ended for good, until the registry says so too.
CREATE TABLE IF NOT EXISTS ended (
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    at      REAL NOT NULL,
    reason  TEXT NOT NULL,
    proofs  TEXT NOT NULL DEFAULT '[]',  -- when the test messages were answered that counted until then
    PRIMARY KEY (channel, address)
) WITHOUT ROWID;

-- A message that no alarm is behind; its id begins the keys of its sends.
CREATE TABLE IF NOT EXISTS letter (
    letter_id TEXT PRIMARY KEY,
    at        REAL NOT NULL,
    body      BLOB NOT NULL
) WITHOUT ROWID;

-- When a relative's next digest is due; wish: the local time and the time zone that this moment was reckoned from.
CREATE TABLE IF NOT EXISTS digest (
    target TEXT PRIMARY KEY,
    wish   TEXT NOT NULL,
    due_at REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS gateway (
    gateway_id TEXT PRIMARY KEY,
    boot       TEXT NOT NULL,
    state      TEXT NOT NULL,
    at         REAL NOT NULL,
    lost_at    REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS gateway_lost_due ON gateway (lost_at) WHERE lost_at IS NOT NULL;

-- How the wall clock stood to the clock that nobody sets, when that was last written down: at log_id of the log.
CREATE TABLE IF NOT EXISTS clock (
    only    INTEGER PRIMARY KEY CHECK (only = 0),
    boot    TEXT NOT NULL,
    ahead_s REAL NOT NULL,
    at      REAL NOT NULL,
    log_id  INTEGER NOT NULL
);
