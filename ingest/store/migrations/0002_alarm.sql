-- Alarms as history: a projection of the journal. No foreign key to the registry: an alarm keeps who and where it was.

CREATE TABLE alarm (
  alarm_id text CONSTRAINT alarm_pk PRIMARY KEY,
  version int NOT NULL,
  site_id text NOT NULL,
  rule text NOT NULL,
  subject text NOT NULL,
  kind text NOT NULL,
  priority text NOT NULL,
  condition text NOT NULL,
  response text NOT NULL,
  raised_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  acknowledged_at timestamptz,
  acknowledged_by text,
  attended_at timestamptz,
  attended_by text,
  resolved_at timestamptz,
  resolved_by text,
  disposition text,
  room_id text,
  room_name text,
  resident_id text,
  device_id text,
  count int NOT NULL DEFAULT 1,
  round int NOT NULL DEFAULT 0,
  test boolean NOT NULL DEFAULT false,
  late boolean NOT NULL DEFAULT false,
  state jsonb NOT NULL
);
CREATE INDEX alarm_raised_idx ON alarm (raised_at);
CREATE INDEX alarm_site_raised_idx ON alarm (site_id, raised_at);
CREATE INDEX alarm_open_idx ON alarm (site_id) WHERE response <> 'resolved';
CREATE INDEX alarm_resident_idx ON alarm (resident_id, raised_at) WHERE resident_id IS NOT NULL;

CREATE TABLE alarm_log (
  log_id bigint CONSTRAINT alarm_log_pk PRIMARY KEY,
  alarm_id text NOT NULL,
  at timestamptz NOT NULL,
  event text NOT NULL,
  by text,
  detail jsonb NOT NULL DEFAULT '{}',
  version int
);
CREATE INDEX alarm_log_alarm_idx ON alarm_log (alarm_id, log_id);
CREATE INDEX alarm_log_at_idx ON alarm_log (at);

CREATE TABLE notification (
  send_key text CONSTRAINT notification_pk PRIMARY KEY,
  alarm_id text NOT NULL,
  step int NOT NULL,
  round int NOT NULL,
  target text NOT NULL,
  channel text NOT NULL,
  due_at timestamptz NOT NULL,
  sent_at timestamptz,
  result text,
  reason text,
  attempts int NOT NULL DEFAULT 0
);
CREATE INDEX notification_alarm_idx ON notification (alarm_id);
CREATE INDEX notification_due_idx ON notification (due_at);

CREATE TABLE projection_cursor (
  name text CONSTRAINT projection_cursor_pk PRIMARY KEY,
  position bigint NOT NULL
);
