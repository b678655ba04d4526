-- name: days_due
-- Days of residents that are to be drawn up: those of the last weeks that are not there, and, each once a day, those of
-- the last days in which not everything was heard: it may have come since.
SELECT wanted.resident_id, moment::date AS day
  FROM unnest(%(resident_id)s::text[]) AS wanted (resident_id)
  JOIN resident ON resident.resident_id = wanted.resident_id
 CROSS JOIN generate_series(%(first)s::date, %(last)s::date, INTERVAL '1 day') AS moment
  LEFT JOIN routine_day AS known ON known.resident_id = wanted.resident_id AND known.day = moment::date
 WHERE known.day IS NULL
    OR (known.day >= %(again)s::date AND known.heard_h < %(whole_h)s AND known.drawn_at < %(due_at)s)
 ORDER BY moment, wanted.resident_id;

-- name: day_facts
-- What one day was like for some residents of one site: a row each, also where nothing is known.
--   span:     the day and its night hours; the scans of readings have them as constants, so that days are left out
--   sensor:   whose device tells what, and for how long it counts as heard after it spoke
--   absent:   who was away in a part of it, by the log of changes
--   spoken:   when movement sensors said anything at all; covered: for how long each was heard
--   sign:     moments of movement: somebody seen, a door that opens or shuts, a bed that is left or taken
WITH span AS (
  SELECT %(begins_at)s::timestamptz AS begins_at, %(ends_at)s::timestamptz AS ends_at,
         %(night_from)s::timestamptz AS night_from, %(night_to)s::timestamptz AS night_to
), sensor AS (
  SELECT *
    FROM unnest(%(resident_id)s::text[], %(number)s::int[], %(moves)s::bool[], %(at_night)s::bool[], %(bath)s::bool[],
                %(kitchen)s::bool[], %(lived_in)s::bool[], %(cooker)s::bool[], %(hold_s)s::float8[])
         AS given (resident_id, number, moves, at_night, bath, kitchen, lived_in, cooker, hold_s)
), resident_asked AS (
  SELECT DISTINCT sensor.resident_id, resident.away FROM sensor JOIN resident USING (resident_id)
), absent AS (
  SELECT asked.resident_id
    FROM resident_asked AS asked CROSS JOIN span
    LEFT JOIN LATERAL (
      SELECT bool_or((change.before ->> 'away')::bool OR (change.after ->> 'away')::bool) AS away
        FROM registry_change AS change
       WHERE change.what = 'resident' AND change.entry_id = asked.resident_id
         AND change.at >= begins_at AND change.at < ends_at) AS within ON true
    LEFT JOIN LATERAL (
      SELECT (change.before ->> 'away')::bool AS away FROM registry_change AS change
       WHERE change.what = 'resident' AND change.entry_id = asked.resident_id AND change.at >= ends_at
       ORDER BY change.at, change.change_id LIMIT 1) AS later ON true
   WHERE coalesce(within.away, false) OR coalesce(later.away, asked.away)
), spoken AS (
  SELECT device_number AS number, time FROM reading_ambient
   WHERE device_number = ANY (%(movers)s) AND time >= %(since)s AND time < %(ends_at)s
   UNION ALL
  SELECT device_number, time FROM reading_extra
   WHERE device_number = ANY (%(movers)s) AND time >= %(since)s AND time < %(ends_at)s
), covered AS (
  SELECT number,
         sum(extract(epoch FROM greatest(least(quiet_at, ends_at) - greatest(time, begins_at), INTERVAL '0')))
           AS day_s,
         sum(extract(epoch FROM greatest(least(quiet_at, night_to) - greatest(time, night_from), INTERVAL '0')))
           AS night_s
    FROM (SELECT number, time, least(lead(time) OVER (PARTITION BY number ORDER BY time),
                                     time + hold_s * INTERVAL '1 second') AS quiet_at
            FROM (SELECT DISTINCT number, time FROM spoken) AS once JOIN (SELECT DISTINCT number, hold_s FROM sensor)
                 AS held USING (number)) AS each CROSS JOIN span
   GROUP BY number
), heard AS (
  SELECT resident_id,
         min(coalesce(day_s, 0)) FILTER (WHERE moves) AS day_s,
         min(coalesce(night_s, 0)) FILTER (WHERE at_night) AS night_s,
         min(coalesce(day_s, 0)) FILTER (WHERE bath) AS bath_s,
         min(coalesce(day_s, 0)) FILTER (WHERE kitchen) AS kitchen_s
    FROM sensor LEFT JOIN covered USING (number) GROUP BY resident_id
), said AS (
  SELECT device_number AS number, time, motion, occupied, contact_open, bed_occupied,
         lag(contact_open) OVER (PARTITION BY device_number, contact_open IS NULL ORDER BY time) AS was_open,
         lag(bed_occupied) OVER (PARTITION BY device_number, bed_occupied IS NULL ORDER BY time) AS was_in_bed
    FROM reading_ambient
   WHERE device_number = ANY (%(movers)s) AND time >= %(since)s AND time < %(ends_at)s
), sign AS (
  SELECT resident_id, time, bath, kitchen,
         at_night AND (was_in_bed IS NULL OR bed_occupied = 0) AS at_night
    FROM said CROSS JOIN span JOIN sensor USING (number)
   WHERE moves AND time >= begins_at
     AND (motion > 0 OR occupied > 0 OR contact_open <> was_open OR bed_occupied <> was_in_bed)
), bout AS (
  SELECT count(*) AS times, resident_id
    FROM (SELECT resident_id, time, lag(time) OVER (PARTITION BY resident_id ORDER BY time) AS before_at
            FROM sign WHERE at_night) AS each CROSS JOIN span
   WHERE time >= night_from AND time < night_to
     AND (before_at IS NULL OR time - before_at > INTERVAL '10 minutes')
   GROUP BY resident_id
), visit AS (
  SELECT resident_id,
         count(*) FILTER (WHERE time < night_from OR time >= night_to) AS by_day,
         count(*) FILTER (WHERE time >= night_from AND time < night_to) AS by_night
    FROM (SELECT resident_id, time, bath,
                 max(time) FILTER (WHERE bath) OVER before_now AS bath_at,
                 max(time) FILTER (WHERE NOT bath) OVER before_now AS elsewhere_at
            FROM sign
          WINDOW before_now AS (PARTITION BY resident_id ORDER BY time, bath
                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS each CROSS JOIN span
   WHERE bath AND (bath_at IS NULL OR time - bath_at > INTERVAL '20 minutes'
                   OR (time - bath_at > INTERVAL '5 minutes' AND elsewhere_at > bath_at))
   GROUP BY resident_id
), active AS (
  SELECT resident_id,
         count(*) FILTER (WHERE quarter < %(noon)s) AS morning,
         count(*) FILTER (WHERE quarter >= %(noon)s
                            AND quarter < %(evening)s) AS afternoon,
         count(*) FILTER (WHERE quarter >= %(evening)s
                            AND quarter < night_from) AS evening
    FROM (SELECT DISTINCT resident_id, to_timestamp(floor(extract(epoch FROM time) / 900) * 900) AS quarter FROM sign)
         AS each CROSS JOIN span
   GROUP BY resident_id
), warm AS (
  SELECT resident_id, min(temp_c) AS low_c, percentile_cont(0.5) WITHIN GROUP (ORDER BY temp_c) AS median_c,
         count(*) AS hours, count(*) FILTER (WHERE temp_c < %(cold_c)s) AS cold
    FROM (SELECT resident_id, hour, max(temp_c_avg) AS temp_c
            FROM sensor JOIN ambient_hour ON device_number = number
           WHERE lived_in AND device_number = ANY (%(thermometers)s)
             AND hour >= %(begins_at)s AND hour < %(ends_at)s AND temp_c_avg IS NOT NULL
           GROUP BY resident_id, hour) AS hourly
   GROUP BY resident_id
), powered AS (
  SELECT resident_id, number, time, power_w,
         least(lead(time) OVER (PARTITION BY resident_id, number ORDER BY time), time + INTERVAL '15 minutes', ends_at)
           AS until
    FROM sensor CROSS JOIN span JOIN reading_meter ON device_number = number
   WHERE cooker AND device_number = ANY (%(cookers)s)
     AND power_w IS NOT NULL AND time >= %(begins_at)s AND time < %(ends_at)s
), left_on AS (
  SELECT powered.resident_id,
         sum(extract(epoch FROM until - time)) FILTER (
           WHERE power_w >= %(cooker_w)s
             AND NOT EXISTS (SELECT FROM sign WHERE sign.resident_id = powered.resident_id AND kitchen
                                AND sign.time > powered.time - INTERVAL '10 minutes' AND sign.time < until)) AS left_s
    FROM powered GROUP BY powered.resident_id
)
SELECT asked.resident_id,
       CASE WHEN heard.day_s IS NOT NULL THEN heard.day_s / 3600 END AS heard_h,
       CASE WHEN is_there AND heard.night_s >= 0.8 * night_length_s THEN coalesce(bout.times, 0) END AS night_up,
       CASE WHEN is_there AND heard.bath_s >= 0.9 * length_s THEN coalesce(visit.by_day, 0) END AS visits_day,
       CASE WHEN is_there AND heard.bath_s >= 0.9 * length_s THEN coalesce(visit.by_night, 0) END AS visits_night,
       CASE WHEN is_there AND heard.day_s >= 0.9 * length_s THEN active.morning / 4.0 END AS morning_h,
       CASE WHEN is_there AND heard.day_s >= 0.9 * length_s THEN active.afternoon / 4.0 END AS afternoon_h,
       CASE WHEN is_there AND heard.day_s >= 0.9 * length_s THEN active.evening / 4.0 END AS evening_h,
       warm.low_c AS temp_low_c, warm.median_c AS temp_median_c, warm.hours AS temp_h,
       CASE WHEN absent.resident_id IS NULL THEN warm.cold END AS cold_h,
       CASE WHEN absent.resident_id IS NULL AND powered.resident_id IS NOT NULL AND heard.kitchen_s >= 0.9 * length_s
            THEN coalesce(left_on.left_s, 0) / 60 END AS cooker_left_min
  FROM resident_asked AS asked
 CROSS JOIN (SELECT extract(epoch FROM ends_at - begins_at) AS length_s,
                    extract(epoch FROM night_to - night_from) AS night_length_s FROM span) AS length
  LEFT JOIN absent USING (resident_id)
  LEFT JOIN heard USING (resident_id)
  LEFT JOIN bout USING (resident_id)
  LEFT JOIN visit USING (resident_id)
  LEFT JOIN active USING (resident_id)
 CROSS JOIN LATERAL (SELECT absent.resident_id IS NULL AND active.resident_id IS NOT NULL AS is_there) AS presence
  LEFT JOIN warm USING (resident_id)
  LEFT JOIN left_on USING (resident_id)
  LEFT JOIN (SELECT DISTINCT resident_id FROM powered) AS powered USING (resident_id)
 ORDER BY asked.resident_id;

-- name: write_day
-- True where the day is new: it is judged once, and drawn up again only for what is usual later.
INSERT INTO routine_day (resident_id, day, drawn_at, sensors, heard_h, night_up, visits_day, visits_night, morning_h,
                         afternoon_h, evening_h, temp_low_c, temp_median_c, temp_h, cold_h, cooker_left_min)
VALUES (%(resident_id)s, %(day)s, %(drawn_at)s, %(sensors)s, %(heard_h)s, %(night_up)s, %(visits_day)s,
        %(visits_night)s, %(morning_h)s, %(afternoon_h)s, %(evening_h)s, %(temp_low_c)s, %(temp_median_c)s, %(temp_h)s,
        %(cold_h)s, %(cooker_left_min)s)
ON CONFLICT ON CONSTRAINT routine_day_pk DO UPDATE
   SET drawn_at = excluded.drawn_at, sensors = excluded.sensors, heard_h = excluded.heard_h,
       night_up = excluded.night_up, visits_day = excluded.visits_day, visits_night = excluded.visits_night,
       morning_h = excluded.morning_h, afternoon_h = excluded.afternoon_h, evening_h = excluded.evening_h,
       temp_low_c = excluded.temp_low_c, temp_median_c = excluded.temp_median_c, temp_h = excluded.temp_h,
       cold_h = excluded.cold_h, cooker_left_min = excluded.cooker_left_min
RETURNING xmax = 0 AS is_new;

-- name: days_of
-- The days of some residents that a day is compared with: the last weeks, and the same weeks a year ago.
SELECT resident_id, day, sensors, heard_h, night_up, visits_day, visits_night, morning_h, afternoon_h, evening_h,
       temp_low_c, temp_median_c, temp_h, cold_h, cooker_left_min
  FROM routine_day
 WHERE resident_id = ANY (%(resident_id)s)
   AND (day BETWEEN %(day)s::date - %(kept)s::int AND %(day)s::date
        OR day BETWEEN %(day)s::date - %(year)s::int - %(kept)s::int AND %(day)s::date - %(year)s::int)
 ORDER BY resident_id, day;

-- name: standing_notes
SELECT resident_id, kind, since, seen, until, sure, now, usual, detail, bound
  FROM routine_note WHERE until IS NULL AND resident_id = ANY (%(resident_id)s);

-- name: write_note
-- When it was first written is when people can have known of it: a worker that was away writes late.
INSERT INTO routine_note (resident_id, kind, since, seen, until, begun_at, sure, now, usual, detail, bound)
VALUES (%(resident_id)s, %(kind)s, %(since)s, %(seen)s, %(until)s, %(begun_at)s, %(sure)s, %(now)s, %(usual)s, %(detail)s, %(bound)s)
ON CONFLICT ON CONSTRAINT routine_note_pk DO UPDATE
   SET seen = excluded.seen, until = excluded.until, sure = excluded.sure, now = excluded.now, detail = excluded.detail,
       bound = excluded.bound;

-- name: open_notes
-- Every note that goes on, for the news of the day.
SELECT note.resident_id, note.begun_at, note.kind, note.since, note.seen, note.until, note.sure, note.now, note.usual,
       note.detail, note.bound
  FROM routine_note AS note WHERE until IS NULL ORDER BY note.resident_id, note.kind;
