-- Queries of the board "open alarms and response times". Each reads schema g only; tests and drills are left out by
-- g.answer. "Not answered in time" counts alarms still open past the limit: only the young ones are not judged yet.

-- name: unacknowledged
SELECT count(*) FILTER (WHERE priority = 'emergency') AS emergency,
       count(*) FILTER (WHERE priority = 'high') AS high,
       count(*) FILTER (WHERE priority = 'medium') AS medium,
       count(*) FILTER (WHERE priority = 'low') AS low
  FROM g.answer
 WHERE response = 'new' AND site_id IN ($site)

-- name: oldest
SELECT coalesce(max(open_s), 0) AS oldest_s
  FROM g.answer
 WHERE response = 'new' AND priority IN ($priority) AND site_id IN ($site)

-- name: standing
SELECT priority, kind, site, room, received_at, extract(epoch FROM now() - received_at)::double precision AS open_s,
       response, condition, count, alarm_id
  FROM g.open_alarm
 WHERE site_id IN ($site) AND NOT test AND NOT drill
 ORDER BY array_position(ARRAY['emergency', 'high', 'medium', 'low'], priority), received_at
 LIMIT 200

-- name: answered_in_time
SELECT 100.0 * count(*) FILTER (WHERE acknowledge_s <= 60)
       / nullif(count(*) FILTER (WHERE acknowledge_s <= 60 OR open_s > 60), 0) AS within_60_s,
       100.0 * count(*) FILTER (WHERE acknowledge_s <= 180)
       / nullif(count(*) FILTER (WHERE acknowledge_s <= 180 OR open_s > 180), 0) AS within_180_s
  FROM g.answer
 WHERE $__timeFilter(received_at) AND priority IN ($priority) AND site_id IN ($site)

-- name: totals
SELECT count(*) AS raised,
       100.0 * count(*) FILTER (WHERE steps >= 1) / nullif(count(*), 0) AS escalated_pct,
       100.0 * count(*) FILTER (WHERE disposition = 'false_alarm')
       / nullif(count(*) FILTER (WHERE disposition IS NOT NULL), 0) AS false_pct
  FROM g.answer
 WHERE $__timeFilter(received_at) AND priority IN ($priority) AND site_id IN ($site)

-- name: flood
SELECT 100.0 * count(*) FILTER (WHERE alarms >= 10 * greatest($operators, 1))
       / greatest(extract(epoch FROM $__timeTo()::timestamptz - $__timeFrom()::timestamptz) / 600, 1) AS flood_pct
  FROM (SELECT count(*) AS alarms
          FROM g.answer
         WHERE $__timeFilter(received_at) AND site_id IN ($site)
         GROUP BY date_bin('10 minutes', received_at, TIMESTAMPTZ '2000-01-01 00:00:00+00')) AS ten_minutes

-- name: rate
SELECT $__timeGroupAlias(start, $__interval),
       max(alarms)::double precision / greatest($operators, 1) AS alarms
  FROM (SELECT date_bin('10 minutes', received_at, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS start, count(*) AS alarms
          FROM g.answer
         WHERE $__timeFilter(received_at) AND site_id IN ($site)
         GROUP BY 1) AS ten_minutes
 GROUP BY 1
 ORDER BY 1

-- name: stages
SELECT stage,
       count(seconds) AS alarms,
       count(*) - count(seconds) AS without,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_s,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95_s,
       max(seconds) AS max_s
  FROM g.answer
 CROSS JOIN LATERAL (VALUES (1, 'way', way_s), (2, 'notify', notify_s), (3, 'acknowledge', acknowledge_s),
                            (4, 'attend', attend_s), (5, 'resolve', resolve_s)) AS step (place, stage, seconds)
 WHERE $__timeFilter(received_at) AND priority IN ($priority) AND site_id IN ($site)
 GROUP BY place, stage
 ORDER BY place
 LIMIT 5

-- name: acknowledge_over_time
SELECT $__timeGroupAlias(received_at, $__interval),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY acknowledge_s) AS median_s,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY acknowledge_s) AS p95_s
  FROM g.answer
 WHERE $__timeFilter(received_at) AND priority IN ($priority) AND site_id IN ($site)
 GROUP BY 1
 ORDER BY 1

-- name: escalations
SELECT $__timeGroupAlias(received_at, $__interval),
       count(*) FILTER (WHERE steps = 1) AS step_1,
       count(*) FILTER (WHERE steps = 2) AS step_2,
       count(*) FILTER (WHERE steps >= 3) AS step_3
  FROM g.answer
 WHERE $__timeFilter(received_at) AND priority IN ($priority) AND site_id IN ($site)
 GROUP BY 1
 ORDER BY 1

-- name: by_kind
SELECT kind,
       count(*) AS raised,
       100.0 * count(*) FILTER (WHERE acknowledge_s <= 60)
       / nullif(count(*) FILTER (WHERE acknowledge_s <= 60 OR open_s > 60), 0) AS within_60_s,
       100.0 * count(*) FILTER (WHERE acknowledge_s <= 180)
       / nullif(count(*) FILTER (WHERE acknowledge_s <= 180 OR open_s > 180), 0) AS within_180_s,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY acknowledge_s) AS median_s,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY acknowledge_s) AS p95_s,
       100.0 * count(*) FILTER (WHERE disposition = 'false_alarm')
       / nullif(count(*) FILTER (WHERE disposition IS NOT NULL), 0) AS false_pct
  FROM g.answer
 WHERE $__timeFilter(received_at) AND priority IN ($priority) AND site_id IN ($site)
 GROUP BY kind
 ORDER BY raised DESC, kind
 LIMIT 50

-- name: by_site
SELECT site,
       count(*) AS raised,
       count(*) FILTER (WHERE response = 'new') AS unacknowledged,
       100.0 * count(*) FILTER (WHERE acknowledge_s <= 60)
       / nullif(count(*) FILTER (WHERE acknowledge_s <= 60 OR open_s > 60), 0) AS within_60_s,
       100.0 * count(*) FILTER (WHERE acknowledge_s <= 180)
       / nullif(count(*) FILTER (WHERE acknowledge_s <= 180 OR open_s > 180), 0) AS within_180_s,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY acknowledge_s) AS median_s,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY acknowledge_s) AS p95_s,
       100.0 * count(*) FILTER (WHERE steps >= 1) / count(*) AS escalated_pct
  FROM g.answer
 WHERE $__timeFilter(received_at) AND priority IN ($priority) AND site_id IN ($site)
 GROUP BY site_id, site
 ORDER BY raised DESC, site
 LIMIT 200

-- name: routine_notes
SELECT site, coalesce(room, '—') AS room, kind, sure, now, usual, since::timestamptz AS since
  FROM g.routine_note
 WHERE until IS NULL AND site_id IN ($site)
 ORDER BY since DESC, site, room, kind
 LIMIT 200

-- name: emergencies
SELECT received_at AS time, resolved_at AS timeend, concat_ws(' · ', site, nullif(room, '')) AS text, kind AS tags
  FROM g.answer
 WHERE priority = 'emergency' AND $__timeFilter(received_at) AND site_id IN ($site)
 ORDER BY received_at DESC
 LIMIT 300
