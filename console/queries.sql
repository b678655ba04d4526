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

-- name: plan_image
SELECT content FROM plan_image WHERE image = %(image)s;

-- name: alarm_log
-- What happened to one alarm, oldest first.
SELECT at, event, by, detail FROM alarm_log WHERE alarm_id = %(alarm_id)s ORDER BY log_id LIMIT 500;

-- name: notifications
-- Who was told about one alarm, oldest first.
SELECT due_at, sent_at, target, channel, step, result, reason, attempts FROM notification
WHERE alarm_id = %(alarm_id)s ORDER BY due_at, step LIMIT 200;

-- name: resident_week
-- The alarms about one resident, or about all of a home of several, since a moment, newest first.
SELECT state FROM alarm
WHERE (resident_id = %(resident_id)s OR (site_id = %(site_id)s AND resident_id IS NULL AND subject = %(home)s))
  AND raised_at > %(since)s ORDER BY raised_at DESC LIMIT 200;

-- name: resident_told
-- Who was told of the alarms about one resident, or about all of a home of several, and when first.
SELECT n.alarm_id, n.target, min(n.sent_at) AS at
FROM alarm a JOIN notification n ON n.alarm_id = a.alarm_id
WHERE (a.resident_id = %(resident_id)s OR (a.site_id = %(site_id)s AND a.resident_id IS NULL AND a.subject = %(home)s))
  AND a.raised_at > %(since)s AND n.sent_at IS NOT NULL
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

-- name: flows
-- Flows of a site's sprinklers since a moment: at which switch, when, and whether that was a test.
SELECT device_id, raised_at AS at, test OR disposition IS NOT DISTINCT FROM 'test' AS is_test FROM alarm
WHERE site_id = %(site_id)s AND rule = ANY (%(rules)s) AND raised_at > %(since)s AND device_id IS NOT NULL
ORDER BY raised_at DESC LIMIT 5000;

-- name: handover_notes
-- What a site's shifts left to the next: everything that is not done, and what was done since then, oldest first.
SELECT note_id, written_at, written_by, note, done_at, done_by FROM handover_note
WHERE site_id = %(site_id)s AND (done_at IS NULL OR done_at >= %(since)s)
ORDER BY written_at, note_id LIMIT 200;

-- name: handover_last
-- Who took over last at a site.
SELECT taken_at, taken_by FROM handover WHERE site_id = %(site_id)s ORDER BY taken_at DESC LIMIT 1;

-- name: write_handover_note
INSERT INTO handover_note (site_id, written_at, written_by, note)
VALUES (%(site_id)s, %(at)s, %(by)s, %(note)s);

-- name: end_handover_note
-- The first one who did it stands there.
UPDATE handover_note SET done_at = %(at)s, done_by = %(by)s
WHERE note_id = %(note_id)s AND site_id = %(site_id)s AND done_at IS NULL;

-- name: take_over
INSERT INTO handover (site_id, taken_at, taken_by) VALUES (%(site_id)s, %(at)s, %(by)s) ON CONFLICT DO NOTHING;

-- name: resident_alarms
-- The newest alarms about one resident, or about all of a home of several.
SELECT state FROM (
  (SELECT state, raised_at, alarm_id FROM alarm
   WHERE resident_id = %(resident_id)s AND (%(site_ids)s::text[] IS NULL OR site_id = ANY (%(site_ids)s))
   ORDER BY raised_at DESC, alarm_id DESC LIMIT %(limit)s)
  UNION ALL
  (SELECT state, raised_at, alarm_id FROM alarm
   WHERE site_id = %(site_id)s AND resident_id IS NULL AND subject = %(home)s
   ORDER BY raised_at DESC, alarm_id DESC LIMIT %(limit)s)
) either ORDER BY raised_at DESC, alarm_id DESC LIMIT %(limit)s;

-- name: resident_day
-- Signs of life of some devices in the 24 hours until then, by half hours before it.
SELECT floor(extract(epoch FROM %(until)s::timestamptz - time) / 1800)::int AS ago,
       count(*) FILTER (WHERE motion > 0 OR occupied > 0)::int AS moved,
       count(*) FILTER (WHERE contact_open > 0)::int AS doors,
       coalesce(bool_or(bed_occupied > 0), false) AS in_bed,
       max(time) FILTER (WHERE motion > 0 OR occupied > 0 OR contact_open > 0) AS last_at
FROM reading_ambient
WHERE device_number = ANY (%(numbers)s::int[])
  AND time > %(until)s::timestamptz - interval '24 hours' AND time <= %(until)s::timestamptz
GROUP BY ago;

-- name: resident_notes
-- Notes about a resident's routine: those that go on first, then those that have just ended.
SELECT kind, since, seen, until, sure, now, usual, detail, bound FROM routine_note
WHERE resident_id = %(resident_id)s AND (until IS NULL OR until >= %(until)s)
ORDER BY until IS NOT NULL, coalesce(until, since) DESC, kind LIMIT 50;

-- name: resident_days
-- The newest days of a resident as the notes see them, oldest first.
SELECT * FROM (
  SELECT day, heard_h, night_up, visits_day, visits_night, morning_h, afternoon_h, evening_h, temp_low_c, temp_median_c,
         temp_h, cold_h, cooker_left_min
  FROM routine_day WHERE resident_id = %(resident_id)s ORDER BY day DESC LIMIT %(limit)s
) AS newest ORDER BY day;

-- name: consents_of_contact
-- Every word of a resident about one contact, newest first.
SELECT share, given, by, recorded_by, at FROM consent
WHERE resident_id = %(resident_id)s AND contact_id = %(contact_id)s ORDER BY consent_id DESC LIMIT 100;

-- name: registry_changes
-- The newest changes of a site's entries; without a site: of accounts and of policies for every site.
SELECT at, by, what, entry_id, before, after FROM registry_change
WHERE site_id IS NOT DISTINCT FROM %(site_id)s AND what = ANY (%(whats)s) ORDER BY change_id DESC LIMIT 30;
