-- name: history
-- Alarms of some sites, newest first, filtered; one more than a page tells whether there is another.
SELECT state, disposition, alarm_id, raised_at
FROM alarm
WHERE (%(site_ids)s::text[] IS NULL OR site_id = ANY (%(site_ids)s))
  AND (%(site_id)s::text IS NULL OR site_id = %(site_id)s)
  AND (%(kind)s::text IS NULL OR kind = %(kind)s)
  AND (%(priority)s::text IS NULL OR priority = %(priority)s)
  AND (%(since)s::timestamptz IS NULL OR raised_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR raised_at < %(until)s)
  AND (%(text)s::text IS NULL
       OR strpos(lower(coalesce(room_name, '') || ' ' || coalesce(state -> 'identity' ->> 'resident_name', '') || ' '
                       || coalesce(state -> 'identity' ->> 'device_name', '') || ' '
                       || coalesce(state ->> 'note', '')), lower(%(text)s)) > 0)
  AND (%(before)s::timestamptz IS NULL OR (raised_at, alarm_id) < (%(before)s, %(before_id)s))
ORDER BY raised_at DESC, alarm_id DESC
LIMIT %(limit)s;

-- name: alarm
-- One alarm as it was last projected.
SELECT state, site_id FROM alarm
WHERE alarm_id = %(alarm_id)s AND (%(site_ids)s::text[] IS NULL OR site_id = ANY (%(site_ids)s));

-- name: alarm_log
-- What happened to one alarm, oldest first.
SELECT at, event, by, detail FROM alarm_log WHERE alarm_id = %(alarm_id)s ORDER BY log_id LIMIT 500;

-- name: notifications
-- Who was told about one alarm, oldest first.
SELECT due_at, sent_at, target, channel, step, result, reason, attempts FROM notification
WHERE alarm_id = %(alarm_id)s ORDER BY due_at, step LIMIT 200;

-- name: resident_alarms
-- The alarms about one resident since a moment, newest first.
SELECT state FROM alarm WHERE resident_id = %(resident_id)s AND raised_at > %(since)s ORDER BY raised_at DESC LIMIT 200;

-- name: resident_told
-- Who was told of the alarms about one resident, and when first.
SELECT n.alarm_id, n.target, min(n.sent_at) AS at
FROM alarm a JOIN notification n ON n.alarm_id = a.alarm_id
WHERE a.resident_id = %(resident_id)s AND a.raised_at > %(since)s AND n.sent_at IS NOT NULL
GROUP BY n.alarm_id, n.target ORDER BY at LIMIT 1000;

-- name: last_activity
-- When devices last saw somebody move, in a room or in bed, since a moment.
SELECT max(time) AS at FROM reading_ambient
WHERE device_number = ANY (%(numbers)s) AND time > %(since)s AND (motion > 0 OR occupied > 0 OR bed_occupied > 0);

-- name: device_last
-- When each device of some sites was last heard, and its battery and link.
SELECT d.device_id, max(v.time) AS heard_at,
       max(v.value) FILTER (WHERE v.signal = %(battery)s) AS battery_pct,
       bool_or(v.value > 0) FILTER (WHERE v.signal = %(battery_low)s) AS battery_low,
       max(v.value) FILTER (WHERE v.signal = %(link)s) AS link_quality,
       max(v.value) FILTER (WHERE v.signal = %(rssi)s) AS rssi_dbm
FROM device d JOIN last_value v ON v.device_number = d.number
WHERE %(site_ids)s::text[] IS NULL OR d.site_id = ANY (%(site_ids)s)
GROUP BY d.device_id;

-- name: channel_results
-- What became of the latest messages to one person, newest first.
SELECT channel, due_at, sent_at, attempts, result FROM notification
WHERE target = %(target)s AND attempts > 0 AND due_at > %(since)s ORDER BY due_at DESC LIMIT 60;
