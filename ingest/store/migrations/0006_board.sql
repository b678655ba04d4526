-- What boards may read: views in schema g, without names, phone numbers or payloads of people. The role grafana_ro sees
-- this schema and nothing else. A login named in board_reader sees its own sites; any other login sees every site.

CREATE TABLE board_reader (
  role_name text NOT NULL,
  site_id text NOT NULL CONSTRAINT board_reader_site_fk REFERENCES site,
  CONSTRAINT board_reader_pk PRIMARY KEY (role_name, site_id)
);

CREATE SCHEMA g;

CREATE VIEW g.site WITH (security_barrier) AS
  SELECT site_id, name AS site, kind, timezone
    FROM public.site
   WHERE NOT EXISTS (SELECT FROM public.board_reader WHERE role_name = session_user)
      OR site_id IN (SELECT reader.site_id FROM public.board_reader AS reader WHERE reader.role_name = session_user);

CREATE VIEW g.alarm WITH (security_barrier) AS
  SELECT alarm_id, alarm.site_id, site.site, rule, alarm.kind, priority, condition, response, raised_at, received_at,
         acknowledged_at, attended_at, resolved_at, disposition, room_id, room_name AS room, device_id, count, round,
         test, late,
         extract(epoch FROM acknowledged_at - raised_at)::double precision AS acknowledge_s,
         extract(epoch FROM attended_at - raised_at)::double precision AS attend_s,
         extract(epoch FROM resolved_at - raised_at)::double precision AS resolve_s
    FROM public.alarm JOIN g.site AS site ON site.site_id = alarm.site_id;

CREATE VIEW g.open_alarm WITH (security_barrier) AS
  SELECT * FROM g.alarm WHERE response <> 'resolved';

CREATE VIEW g.response_time WITH (security_barrier) AS
  SELECT alarm_id, site_id, site, rule, kind, priority, raised_at, acknowledge_s, attend_s, resolve_s, disposition
    FROM g.alarm WHERE NOT test;

CREATE VIEW g.alarm_log WITH (security_barrier) AS
  SELECT log_id, log.alarm_id, log.at, log.event, log.version, alarm.site_id, alarm.site, alarm.kind, alarm.priority
    FROM public.alarm_log AS log JOIN g.alarm AS alarm ON alarm.alarm_id = log.alarm_id;

CREATE VIEW g.notification WITH (security_barrier) AS
  SELECT note.alarm_id, note.step, note.round, note.channel, note.due_at, note.sent_at, note.result, note.reason,
         note.attempts, alarm.site_id, alarm.site, alarm.kind, alarm.priority, alarm.raised_at,
         extract(epoch FROM note.sent_at - note.due_at)::double precision AS delay_s
    FROM public.notification AS note JOIN g.alarm AS alarm ON alarm.alarm_id = note.alarm_id;

-- Newest life sign and condition of every device; signal numbers are those of ingest/wire/signals.py.
CREATE VIEW public.device_health AS
  SELECT device.device_id, device.number AS device_number, device.site_id, device.gateway_id, device.room_id,
         device.kind, device.profile, device.name, device.out_of_service,
         newest.last_seen_at, newest.last_received_at, newest.battery_pct, newest.battery_v, newest.battery_low,
         newest.link_quality, newest.rssi_dbm
    FROM public.device
    LEFT JOIN (SELECT device_number,
                      max(time) AS last_seen_at,
                      max(received_at) AS last_received_at,
                      max(value) FILTER (WHERE signal = 120) AS battery_pct,
                      max(value) FILTER (WHERE signal = 121) AS battery_v,
                      max(value) FILTER (WHERE signal = 122) AS battery_low,
                      max(value) FILTER (WHERE signal = 129) AS link_quality,
                      max(value) FILTER (WHERE signal = 130) AS rssi_dbm
                 FROM public.last_value
                GROUP BY device_number) AS newest ON newest.device_number = device.number;

CREATE VIEW g.device WITH (security_barrier) AS
  SELECT device.number AS device_number, device.device_id, device.site_id, site.site, device.gateway_id, device.room_id,
         room.name AS room, device.kind, device.profile, device.name AS device, device.out_of_service
    FROM public.device
    JOIN g.site AS site ON site.site_id = device.site_id
    LEFT JOIN public.room ON room.room_id = device.room_id;

CREATE VIEW g.device_health WITH (security_barrier) AS
  SELECT device.*, health.last_seen_at, health.last_received_at, health.battery_pct, health.battery_v,
         health.battery_low, health.link_quality, health.rssi_dbm
    FROM g.device AS device JOIN public.device_health AS health ON health.device_number = device.device_number;

CREATE VIEW g.last_value WITH (security_barrier) AS
  SELECT device.device_id, device.site_id, device.site, device.room, device.kind, device.device, newest.device_number,
         newest.signal, newest.element, newest.time, newest.received_at, newest.value
    FROM public.last_value AS newest JOIN g.device AS device ON device.device_number = newest.device_number;

CREATE VIEW g.meter_hour WITH (security_barrier) AS
  SELECT device.device_id, device.site_id, device.site, device.room, device.device, hourly.*
    FROM public.meter_hour AS hourly JOIN g.device AS device ON device.device_number = hourly.device_number;

CREATE VIEW g.fire_hour WITH (security_barrier) AS
  SELECT device.device_id, device.site_id, device.site, device.room, device.device, hourly.*
    FROM public.fire_hour AS hourly JOIN g.device AS device ON device.device_number = hourly.device_number;

CREATE VIEW g.water_hour WITH (security_barrier) AS
  SELECT device.device_id, device.site_id, device.site, device.room, device.device, hourly.*
    FROM public.water_hour AS hourly JOIN g.device AS device ON device.device_number = hourly.device_number;

CREATE VIEW g.ambient_hour WITH (security_barrier) AS
  SELECT device.device_id, device.site_id, device.site, device.room, device.device, hourly.*
    FROM public.ambient_hour AS hourly JOIN g.device AS device ON device.device_number = hourly.device_number;

CREATE VIEW g.wearable_hour WITH (security_barrier) AS
  SELECT device.device_id, device.site_id, device.site, device.room, device.device, hourly.*
    FROM public.wearable_hour AS hourly JOIN g.device AS device ON device.device_number = hourly.device_number;

CREATE VIEW g.quarantine_hour WITH (security_barrier) AS
  SELECT date_bin(INTERVAL '1 hour', received_at, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour,
         gateway.site_id, quarantine.gateway_id, reason, count(*) AS messages
    FROM public.quarantine
    JOIN public.gateway ON gateway.gateway_id = quarantine.gateway_id
    JOIN g.site AS site ON site.site_id = gateway.site_id
   GROUP BY 1, 2, 3, 4;

-- Roles belong to the whole cluster: another database may have made it, or the owner here may not make roles.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grafana_ro') THEN
    CREATE ROLE grafana_ro NOLOGIN;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
  WHEN insufficient_privilege THEN RAISE WARNING 'role grafana_ro is missing: make it, then run "anxin migrate" again';
END $$;
