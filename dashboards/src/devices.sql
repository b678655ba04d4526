-- Queries of the board "device health". Each reads schema g only.

-- name: states
SELECT count(*) FILTER (WHERE state = 'healthy') AS healthy,
       count(*) FILTER (WHERE state = 'overdue') AS overdue,
       count(*) FILTER (WHERE state = 'offline') AS offline,
       count(*) FILTER (WHERE state = 'never_heard') AS never_heard,
       count(*) FILTER (WHERE state = 'not_supervised') AS not_supervised,
       count(*) FILTER (WHERE state = 'out_of_service') AS out_of_service
  FROM g.device_state
 WHERE site_id IN ($site) AND kind IN ($kind)

-- name: healthy_share
SELECT 100.0 * count(*) FILTER (WHERE state = 'healthy')
       / nullif(count(*) FILTER (WHERE state IN ('healthy', 'overdue', 'offline', 'never_heard')), 0) AS healthy_pct
  FROM g.device_state
 WHERE site_id IN ($site) AND kind IN ($kind)

-- name: by_site
SELECT site,
       count(*) AS devices,
       count(*) FILTER (WHERE state = 'healthy') AS healthy,
       count(*) FILTER (WHERE state = 'overdue') AS overdue,
       count(*) FILTER (WHERE state = 'offline') AS offline,
       count(*) FILTER (WHERE state = 'never_heard') AS never_heard,
       count(*) FILTER (WHERE battery_low = 1 OR battery_pct < 20) AS battery_low
  FROM g.device_state
 WHERE site_id IN ($site) AND kind IN ($kind)
 GROUP BY site_id, site
 ORDER BY offline DESC, overdue DESC, site
 LIMIT 200

-- name: silent
SELECT state, site, room, device, kind, profile, gateway_id, last_received_at, silent_s, offline_after_s
  FROM g.device_state
 WHERE site_id IN ($site) AND kind IN ($kind) AND state IN ('offline', 'overdue', 'never_heard')
 ORDER BY array_position(ARRAY['offline', 'overdue', 'never_heard'], state), silent_s DESC NULLS LAST, device_id
 LIMIT 200

-- name: battery
SELECT site, room, device, profile, battery_pct, battery_v, coalesce(battery_low, 0) AS battery_low, last_received_at
  FROM g.device_state
 WHERE site_id IN ($site) AND kind IN ($kind) AND (battery_pct IS NOT NULL OR battery_low = 1) AND NOT out_of_service
 ORDER BY coalesce(battery_low, 0) DESC, battery_pct NULLS FIRST, device_id
 LIMIT 100

-- name: link
SELECT site, room, device, gateway_id, link_quality, rssi_dbm, last_received_at
  FROM g.device_state
 WHERE site_id IN ($site) AND kind IN ($kind) AND (link_quality IS NOT NULL OR rssi_dbm IS NOT NULL)
   AND NOT out_of_service
 ORDER BY least(link_quality / 255, (rssi_dbm + 120) / 90), device_id
 LIMIT 100

-- name: gateways
SELECT state, site, gateway, gateway_id, devices, heard_at, silent_s
  FROM g.gateway_state
 WHERE site_id IN ($site)
 ORDER BY array_position(ARRAY['offline', 'never_heard', 'healthy', 'out_of_service'], state), silent_s DESC NULLS LAST,
          gateway_id
 LIMIT 200

-- name: volume
SELECT $__timeGroupAlias(hour, $__interval),
       sum(rows) FILTER (WHERE kind = 'meter') / (60 * count(DISTINCT hour)) AS meter,
       sum(rows) FILTER (WHERE kind = 'fire') / (60 * count(DISTINCT hour)) AS fire,
       sum(rows) FILTER (WHERE kind = 'water') / (60 * count(DISTINCT hour)) AS water,
       sum(rows) FILTER (WHERE kind = 'ambient') / (60 * count(DISTINCT hour)) AS ambient,
       sum(rows) FILTER (WHERE kind = 'wearable') / (60 * count(DISTINCT hour)) AS wearable
  FROM g.volume_hour
 WHERE $__timeFilter(hour) AND hour < date_trunc('hour', now()) AND site_id IN ($site) AND kind IN ($kind)
 GROUP BY 1
 ORDER BY 1

-- name: quarantine
SELECT $__timeGroupAlias(received_at, $__interval), count(*) AS messages
  FROM g.quarantine
 WHERE $__timeFilter(received_at) AND site_id IN ($site)
 GROUP BY 1
 ORDER BY 1

-- name: quarantine_reasons
SELECT reason, count(*) AS messages, count(DISTINCT gateway_id) AS gateways, max(received_at) AS last_at
  FROM g.quarantine
 WHERE $__timeFilter(received_at) AND site_id IN ($site)
 GROUP BY reason
 ORDER BY messages DESC, reason
 LIMIT 50

-- name: faults
SELECT received_at AS time, resolved_at AS timeend, concat_ws(' · ', site, nullif(room, '')) AS text, rule AS tags
  FROM g.answer
 WHERE kind = 'fault' AND $__timeFilter(received_at) AND site_id IN ($site)
 ORDER BY received_at DESC
 LIMIT 300
