-- A drill is marked when it begins, goes the whole way of a real alarm, and counts in no figure.

ALTER TABLE alarm ADD COLUMN drill boolean NOT NULL DEFAULT false;

CREATE OR REPLACE VIEW g.alarm WITH (security_barrier) AS
  SELECT alarm_id, alarm.site_id, site.site, rule, alarm.kind, priority, condition, response, raised_at, received_at,
         acknowledged_at, attended_at, resolved_at, disposition, room_id, room_name AS room, device_id, count, round,
         test, late,
         extract(epoch FROM acknowledged_at - raised_at)::double precision AS acknowledge_s,
         extract(epoch FROM attended_at - raised_at)::double precision AS attend_s,
         extract(epoch FROM resolved_at - raised_at)::double precision AS resolve_s,
         drill
    FROM public.alarm JOIN g.site AS site ON site.site_id = alarm.site_id;

CREATE OR REPLACE VIEW g.open_alarm WITH (security_barrier) AS
  SELECT * FROM g.alarm WHERE response <> 'resolved';

CREATE OR REPLACE VIEW g.response_time WITH (security_barrier) AS
  SELECT alarm_id, site_id, site, rule, kind, priority, raised_at, acknowledge_s, attend_s, resolve_s, disposition
    FROM g.alarm WHERE NOT test AND NOT drill;

-- As in 0100, and without drills.
CREATE OR REPLACE VIEW g.answer WITH (security_barrier) AS
  SELECT alarm.alarm_id, alarm.site_id, site.site, alarm.room_name AS room, alarm.rule, alarm.kind, alarm.priority,
         alarm.response, alarm.condition, alarm.disposition, alarm.received_at, alarm.resolved_at,
         extract(epoch FROM alarm.received_at - alarm.raised_at)::double precision AS way_s,
         extract(epoch FROM told.at - alarm.received_at)::double precision AS notify_s,
         extract(epoch FROM least(done.answered_at, alarm.acknowledged_at) - alarm.received_at)::double precision
           AS acknowledge_s,
         extract(epoch FROM least(done.attended_at, alarm.attended_at) - alarm.received_at)::double precision
           AS attend_s,
         CASE WHEN alarm.resolved_by IS DISTINCT FROM 'system'
              THEN extract(epoch FROM alarm.resolved_at - alarm.received_at)::double precision END AS resolve_s,
         extract(epoch FROM coalesce(alarm.resolved_at, now()) - alarm.received_at)::double precision AS open_s,
         coalesce(greatest(told.steps, done.steps), 0) AS steps
    FROM public.alarm
    JOIN g.site AS site ON site.site_id = alarm.site_id
   CROSS JOIN LATERAL (SELECT min(note.sent_at) AS at,
                              max(note.step) FILTER (WHERE note.result IS DISTINCT FROM 'not sent') AS steps
                         FROM public.notification AS note WHERE note.alarm_id = alarm.alarm_id) AS told
   CROSS JOIN LATERAL (SELECT max((log.detail ->> 'step')::int) FILTER (WHERE log.event = 'shown') AS steps,
                              min(log.at) FILTER (WHERE log.event IN ('Acknowledge', 'Attend')) AS answered_at,
                              min(log.at) FILTER (WHERE log.event = 'Attend') AS attended_at
                         FROM public.alarm_log AS log WHERE log.alarm_id = alarm.alarm_id) AS done
   WHERE NOT alarm.test AND NOT alarm.drill AND alarm.kind <> 'test' AND alarm.disposition IS DISTINCT FROM 'test';
