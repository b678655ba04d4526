-- What the generated dashboards read beside the views of 0006: answers to alarms, the state of devices and gateways, the
-- stream's volume. All in schema g, all behind g.site, which limits a login to its own sites.

-- How often a profile's devices speak; written by the program that knows the rule files. A device is overdue when a
-- heartbeat is missing and offline when offline_after_s has passed; without a row, or with NULL, it is not supervised.
CREATE TABLE supervision (
  profile text CONSTRAINT supervision_pk PRIMARY KEY,
  heartbeat_s double precision CONSTRAINT supervision_heartbeat_positive CHECK (heartbeat_s > 0),
  offline_after_s double precision,
  CONSTRAINT supervision_offline_later CHECK (offline_after_s >= heartbeat_s)
);

-- How people answered each real alarm: tests and drills are left out. Seconds count from received_at, when the platform
-- could know; way_s is the time before that. Once answered is answered: an alarm that came back keeps its first answer.
CREATE VIEW g.answer WITH (security_barrier) AS
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
   WHERE NOT alarm.test AND alarm.kind <> 'test' AND alarm.disposition IS DISTINCT FROM 'test';

CREATE INDEX alarm_received_idx ON alarm (received_at);

CREATE VIEW g.device_state WITH (security_barrier) AS
  SELECT health.*, heard.silent_s, supervised.heartbeat_s, supervised.offline_after_s,
         CASE WHEN health.out_of_service THEN 'out_of_service'
              WHEN heard.silent_s IS NULL THEN 'never_heard'
              WHEN supervised.heartbeat_s IS NULL THEN 'not_supervised'
              WHEN heard.silent_s > supervised.offline_after_s THEN 'offline'
              WHEN heard.silent_s > supervised.heartbeat_s THEN 'overdue'
              ELSE 'healthy' END AS state
    FROM g.device_health AS health
   CROSS JOIN LATERAL (SELECT extract(epoch FROM now() - health.last_received_at)::double precision AS silent_s) AS heard
    LEFT JOIN public.supervision AS supervised ON supervised.profile = health.profile;

-- A gateway's newest pack of telemetry, and whether an open alarm says that it is lost.
CREATE VIEW g.gateway_state WITH (security_barrier) AS
  SELECT gateway.gateway_id, gateway.site_id, site.site, gateway.name AS gateway, fleet.devices, lane.heard_at,
         extract(epoch FROM now() - lane.heard_at)::double precision AS silent_s,
         CASE WHEN gateway.revoked THEN 'out_of_service'
              WHEN EXISTS (SELECT FROM public.alarm
                            WHERE alarm.site_id = gateway.site_id AND alarm.response <> 'resolved'
                              AND alarm.rule IN ('gateway_lost', 'gateway_silent')
                              AND alarm.subject = 'gateway:' || gateway.gateway_id) THEN 'offline'
              WHEN lane.heard_at IS NULL THEN 'never_heard'
              ELSE 'healthy' END AS state
    FROM public.gateway
    JOIN g.site AS site ON site.site_id = gateway.site_id
   CROSS JOIN LATERAL (SELECT max(position.moved_at) AS heard_at FROM public.lane_position AS position
                        WHERE position.gateway_id = gateway.gateway_id AND position.consumer = 'ingest') AS lane
   CROSS JOIN LATERAL (SELECT count(*) AS devices FROM public.device
                        WHERE device.gateway_id = gateway.gateway_id) AS fleet;

-- Stored rows per hour (one per device and moment), from the roll-ups: cheap over any range.
CREATE VIEW g.volume_hour WITH (security_barrier) AS
  SELECT hour, site_id, 'meter' AS kind, readings AS rows FROM g.meter_hour
  UNION ALL SELECT hour, site_id, 'fire', readings FROM g.fire_hour
  UNION ALL SELECT hour, site_id, 'water', readings FROM g.water_hour
  UNION ALL SELECT hour, site_id, 'ambient', readings FROM g.ambient_hour
  UNION ALL SELECT hour, site_id, 'wearable', readings FROM g.wearable_hour;

-- Telemetry that was set aside, without its bytes.
CREATE VIEW g.quarantine WITH (security_barrier) AS
  SELECT quarantine.received_at, gateway.site_id, site.site, quarantine.gateway_id, quarantine.reason
    FROM public.quarantine
    JOIN public.gateway ON gateway.gateway_id = quarantine.gateway_id
    JOIN g.site AS site ON site.site_id = gateway.site_id;
