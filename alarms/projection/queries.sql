-- name: cursor
SELECT position FROM projection_cursor WHERE name = 'alarms';

-- name: move_cursor
INSERT INTO projection_cursor (name, position) VALUES ('alarms', %(position)s)
ON CONFLICT (name) DO UPDATE SET position = excluded.position;

-- name: write_alarm
-- An older state never replaces a newer one.
INSERT INTO alarm (alarm_id, version, site_id, rule, subject, kind, priority, condition, response, raised_at,
  received_at, acknowledged_at, acknowledged_by, attended_at, attended_by, resolved_at, resolved_by, disposition,
  room_id, room_name, resident_id, device_id, count, round, test, drill, late, state)
VALUES (%(alarm_id)s, %(version)s, %(site_id)s, %(rule)s, %(subject)s, %(kind)s, %(priority)s, %(condition)s,
  %(response)s, %(raised_at)s, %(received_at)s, %(acknowledged_at)s, %(acknowledged_by)s, %(attended_at)s,
  %(attended_by)s, %(resolved_at)s, %(resolved_by)s, %(disposition)s, %(room_id)s, %(room_name)s, %(resident_id)s,
  %(device_id)s, %(count)s, %(round)s, %(test)s, %(drill)s, %(late)s, %(state)s)
ON CONFLICT (alarm_id) DO UPDATE SET version = excluded.version, condition = excluded.condition,
  response = excluded.response, priority = excluded.priority, acknowledged_at = excluded.acknowledged_at,
  acknowledged_by = excluded.acknowledged_by, attended_at = excluded.attended_at, attended_by = excluded.attended_by,
  resolved_at = excluded.resolved_at, resolved_by = excluded.resolved_by, disposition = excluded.disposition,
  count = excluded.count, round = excluded.round, state = excluded.state
WHERE alarm.version < excluded.version;

-- name: write_log
INSERT INTO alarm_log (log_id, alarm_id, at, event, by, detail, version)
VALUES (%(log_id)s, %(alarm_id)s, %(at)s, %(event)s, %(by)s, %(detail)s, %(version)s)
ON CONFLICT (log_id) DO NOTHING;

-- name: send_due
INSERT INTO notification (send_key, alarm_id, step, round, target, channel, due_at, reason)
VALUES (%(send_key)s, %(alarm_id)s, %(step)s, %(round)s, %(target)s, %(channel)s, %(due_at)s, %(reason)s)
ON CONFLICT (send_key) DO NOTHING;

-- name: send_tried
UPDATE notification SET attempts = %(attempts)s, result = %(result)s, sent_at = %(sent_at)s
WHERE send_key = %(send_key)s;

-- name: send_dropped
UPDATE notification SET result = 'not sent', reason = %(reason)s WHERE send_key = %(send_key)s;

-- name: write_supervision
INSERT INTO supervision (profile, heartbeat_s, offline_after_s)
VALUES (%(profile)s, %(heartbeat_s)s, %(offline_after_s)s)
ON CONFLICT (profile) DO UPDATE SET heartbeat_s = excluded.heartbeat_s, offline_after_s = excluded.offline_after_s;
