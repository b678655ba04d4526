-- name: create_migration_table
CREATE TABLE IF NOT EXISTS schema_migration (
  name text CONSTRAINT schema_migration_pk PRIMARY KEY,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS store_backend (
  backend text NOT NULL CONSTRAINT store_backend_known CHECK (backend IN ('timescaledb', 'plain')),
  only_row boolean NOT NULL DEFAULT true CONSTRAINT store_backend_pk PRIMARY KEY
    CONSTRAINT store_backend_one_row CHECK (only_row)
);

-- name: applied_migrations
SELECT name, checksum FROM schema_migration ORDER BY name;

-- name: record_migration
INSERT INTO schema_migration (name, checksum, applied_at) VALUES (%(name)s, %(checksum)s, %(applied_at)s);

-- name: backend
SELECT backend FROM store_backend;

-- name: settle_backend
INSERT INTO store_backend (backend) VALUES (%(backend)s);

-- name: timescale_installed
SELECT 1 FROM pg_extension WHERE extname = 'timescaledb';

-- name: timescale_installable
-- Whether CREATE EXTENSION would work: here, loaded at the server's start, and we may. Without the preload the attempt
-- would end the connection.
SELECT CASE WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
            THEN EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')
                 AND current_setting('shared_preload_libraries') LIKE '%timescaledb%'
            ELSE false END;

-- name: grant_boards
-- Boards see schema g and nothing else; also views that a later migration adds.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'grafana_ro') THEN
    GRANT USAGE ON SCHEMA g TO grafana_ro;
    GRANT SELECT ON ALL TABLES IN SCHEMA g TO grafana_ro;
  END IF;
END $$;

-- name: missing_days
-- Days between the bounds that a table has no partition for; partitions are named reading_meter_20251122.
SELECT day::date
  FROM generate_series(%(first)s::date, %(last)s::date, INTERVAL '1 day') AS day
 WHERE to_regclass(format('%%I', %(table)s || '_' || to_char(day, 'YYYYMMDD'))) IS NULL
 ORDER BY day;

-- name: days_of
-- The days that a table has partitions for.
SELECT to_date(right(child.relname, 8), 'YYYYMMDD')
  FROM pg_inherits
  JOIN pg_class AS child ON child.oid = inhrelid
 WHERE inhparent = %(table)s::regclass AND child.relname ~ '_[0-9]{8}$'
 ORDER BY 1;

-- name: stale_hours
SELECT hour FROM rollup_stale WHERE kind = %(kind)s ORDER BY hour LIMIT %(limit)s;

-- name: forget_stale
DELETE FROM rollup_stale WHERE kind = %(kind)s AND hour = %(hour)s;

-- name: rollup_done
SELECT done_to FROM rollup_done WHERE kind = %(kind)s;

-- name: set_rollup_done
INSERT INTO rollup_done (kind, done_to) VALUES (%(kind)s, %(done_to)s)
ON CONFLICT ON CONSTRAINT rollup_done_pk DO UPDATE SET done_to = excluded.done_to;

-- name: forget_quarantine
DELETE FROM quarantine WHERE received_at < %(before)s;

-- name: forget_changes
DELETE FROM registry_change WHERE at < %(before)s;

-- name: forget_hours
DELETE FROM {view} WHERE hour < %(before)s;

-- name: forget_routine_days
DELETE FROM routine_day WHERE day < %(before)s;

-- name: forget_routine_notes
DELETE FROM routine_note WHERE until < %(before)s;

-- name: forget_lanes
-- Positions of spools that have not sent for as long as readings are kept.
DELETE FROM lane_position WHERE moved_at < %(before)s;

-- name: retention_differs
SELECT 1 FROM timescaledb_information.jobs
 WHERE proc_name = 'policy_retention' AND hypertable_name = %(table)s
   AND (config ->> 'drop_after')::interval <> %(keep)s;

-- name: remove_retention
SELECT remove_retention_policy(%(table)s::regclass, if_exists => true);

-- name: add_retention
SELECT add_retention_policy(%(table)s::regclass, %(keep)s::interval);

-- name: upsert_extra
INSERT INTO reading_extra (time, value, device_number, signal, element)
SELECT * FROM unnest(%(time)s, %(value)s, %(device)s, %(signal)s, %(element)s)
ON CONFLICT (device_number, signal, element, time) DO NOTHING;

-- name: upsert_last_values
INSERT INTO last_value (time, received_at, value, device_number, signal, element)
SELECT * FROM unnest(%(time)s, %(received)s, %(value)s, %(device)s, %(signal)s, %(element)s)
ON CONFLICT ON CONSTRAINT last_value_pk DO UPDATE
   SET time = excluded.time, received_at = excluded.received_at, value = excluded.value
 WHERE last_value.time < excluded.time;

-- name: lane_positions
SELECT gateway_id, boot, position, ahead FROM lane_position WHERE consumer = %(consumer)s AND lane = %(lane)s;

-- name: move_lanes
-- ``ahead`` comes as text, because an array of arrays of different lengths is none.
INSERT INTO lane_position (consumer, gateway_id, boot, lane, position, ahead, moved_at)
SELECT %(consumer)s, gateway_id, boot, %(lane)s, position, ahead::bigint[], %(moved_at)s
  FROM unnest(%(gateway_id)s::text[], %(boot)s::text[], %(position)s::bigint[], %(ahead)s::text[])
       AS given (gateway_id, boot, position, ahead)
ON CONFLICT ON CONSTRAINT lane_position_pk DO UPDATE
   SET position = excluded.position, ahead = excluded.ahead, moved_at = excluded.moved_at
 WHERE lane_position.position <= excluded.position;

-- name: set_aside
INSERT INTO quarantine (received_at, gateway_id, topic, reason, detail, payload)
VALUES (%(received_at)s, %(gateway_id)s, %(topic)s, %(reason)s, %(detail)s, %(payload)s);

-- name: mark_stale
-- Touched even when it stands there already: the roll-up then waits for this transaction.
INSERT INTO rollup_stale (kind, hour) VALUES (%(kind)s, %(hour)s)
ON CONFLICT ON CONSTRAINT rollup_stale_pk DO UPDATE SET hour = excluded.hour;
