-- requires: plain
-- Readings as native daily partitions, made ahead and dropped by ingest/store/partitions.py. The default partition takes
-- what has no day yet, so that a late or future reading never fails. Hours are rolled up into tables of our own, behind
-- the names that continuous aggregates have with TimescaleDB.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['reading_meter', 'reading_fire', 'reading_water', 'reading_ambient', 'reading_wearable',
                              'reading_button', 'reading_extra'] LOOP
    EXECUTE format('ALTER TABLE %I RENAME TO %I', name, name || '_flat');
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS) PARTITION BY RANGE (time)', name, name || '_flat');
    EXECUTE format('DROP TABLE %I', name || '_flat');
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I UNIQUE (%s)', name, name || '_key',
                   CASE name WHEN 'reading_extra' THEN 'device_number, signal, element, time'
                             ELSE 'device_number, time' END);
    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', name || '_default', name);
  END LOOP;
END $$;

-- Up to where hours are rolled up; before the first run the views read the raw rows alone.
CREATE TABLE rollup_done (
  kind text CONSTRAINT rollup_done_pk PRIMARY KEY,
  done_to timestamptz NOT NULL
);

-- Hours before done_to that late data has changed.
CREATE TABLE rollup_stale (
  kind text NOT NULL,
  hour timestamptz NOT NULL,
  CONSTRAINT rollup_stale_pk PRIMARY KEY (kind, hour)
);

CREATE TABLE meter_hour_stored (
  hour timestamptz NOT NULL,
  device_number int NOT NULL,
  readings bigint NOT NULL,
  power_w_avg double precision,
  power_w_min real,
  power_w_max real,
  voltage_v_avg double precision,
  voltage_v_min real,
  voltage_v_max real,
  current_a_avg double precision,
  current_a_min real,
  current_a_max real,
  energy_kwh_avg double precision,
  energy_kwh_min double precision,
  energy_kwh_max double precision,
  power_factor_avg double precision,
  power_factor_min real,
  power_factor_max real,
  frequency_hz_avg double precision,
  frequency_hz_min real,
  frequency_hz_max real,
  switch_on_max real,
  residual_current_ma_avg double precision,
  residual_current_ma_min real,
  residual_current_ma_max real,
  cable_temp_c_avg double precision,
  cable_temp_c_min real,
  cable_temp_c_max real,
  arc_half_cycles_avg double precision,
  arc_half_cycles_min real,
  arc_half_cycles_max real,
  electrical_trip_max real,
  CONSTRAINT meter_hour_stored_key UNIQUE (device_number, hour)
);
CREATE INDEX meter_hour_stored_hour_idx ON meter_hour_stored (hour);

CREATE VIEW meter_hour AS
  SELECT * FROM meter_hour_stored
   WHERE hour < (SELECT coalesce(max(done_to), '-infinity') FROM rollup_done WHERE kind = 'meter')
  UNION ALL
  SELECT date_bin(INTERVAL '1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour,
         device_number,
         count(*) AS readings,
         avg(power_w) AS power_w_avg, min(power_w) AS power_w_min, max(power_w) AS power_w_max,
         avg(voltage_v) AS voltage_v_avg, min(voltage_v) AS voltage_v_min, max(voltage_v) AS voltage_v_max,
         avg(current_a) AS current_a_avg, min(current_a) AS current_a_min, max(current_a) AS current_a_max,
         avg(energy_kwh) AS energy_kwh_avg, min(energy_kwh) AS energy_kwh_min, max(energy_kwh) AS energy_kwh_max,
         avg(power_factor) AS power_factor_avg, min(power_factor) AS power_factor_min,
         max(power_factor) AS power_factor_max, avg(frequency_hz) AS frequency_hz_avg,
         min(frequency_hz) AS frequency_hz_min, max(frequency_hz) AS frequency_hz_max,
         max(switch_on) AS switch_on_max, avg(residual_current_ma) AS residual_current_ma_avg,
         min(residual_current_ma) AS residual_current_ma_min, max(residual_current_ma) AS residual_current_ma_max,
         avg(cable_temp_c) AS cable_temp_c_avg, min(cable_temp_c) AS cable_temp_c_min,
         max(cable_temp_c) AS cable_temp_c_max, avg(arc_half_cycles) AS arc_half_cycles_avg,
         min(arc_half_cycles) AS arc_half_cycles_min, max(arc_half_cycles) AS arc_half_cycles_max,
         max(electrical_trip) AS electrical_trip_max
    FROM reading_meter
   WHERE time >= (SELECT coalesce(max(done_to), '-infinity') FROM rollup_done WHERE kind = 'meter')
   GROUP BY 1, 2;

-- Rolls up the hours from from_at up to to_at again, from the raw rows.
CREATE FUNCTION roll_up_meter(from_at timestamptz, to_at timestamptz) RETURNS void LANGUAGE sql AS $$
  DELETE FROM meter_hour_stored WHERE hour >= from_at AND hour < to_at;
  INSERT INTO meter_hour_stored
  SELECT date_bin(INTERVAL '1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour,
         device_number,
         count(*) AS readings,
         avg(power_w) AS power_w_avg, min(power_w) AS power_w_min, max(power_w) AS power_w_max,
         avg(voltage_v) AS voltage_v_avg, min(voltage_v) AS voltage_v_min, max(voltage_v) AS voltage_v_max,
         avg(current_a) AS current_a_avg, min(current_a) AS current_a_min, max(current_a) AS current_a_max,
         avg(energy_kwh) AS energy_kwh_avg, min(energy_kwh) AS energy_kwh_min, max(energy_kwh) AS energy_kwh_max,
         avg(power_factor) AS power_factor_avg, min(power_factor) AS power_factor_min,
         max(power_factor) AS power_factor_max, avg(frequency_hz) AS frequency_hz_avg,
         min(frequency_hz) AS frequency_hz_min, max(frequency_hz) AS frequency_hz_max,
         max(switch_on) AS switch_on_max, avg(residual_current_ma) AS residual_current_ma_avg,
         min(residual_current_ma) AS residual_current_ma_min, max(residual_current_ma) AS residual_current_ma_max,
         avg(cable_temp_c) AS cable_temp_c_avg, min(cable_temp_c) AS cable_temp_c_min,
         max(cable_temp_c) AS cable_temp_c_max, avg(arc_half_cycles) AS arc_half_cycles_avg,
         min(arc_half_cycles) AS arc_half_cycles_min, max(arc_half_cycles) AS arc_half_cycles_max,
         max(electrical_trip) AS electrical_trip_max
    FROM reading_meter
   WHERE time >= from_at AND time < to_at
   GROUP BY 1, 2;
$$;

CREATE TABLE fire_hour_stored (
  hour timestamptz NOT NULL,
  device_number int NOT NULL,
  readings bigint NOT NULL,
  smoke_max real,
  heat_alarm_max real,
  co_max real,
  gas_max real,
  obscuration_db_m_avg double precision,
  obscuration_db_m_min real,
  obscuration_db_m_max real,
  smoke_density_pct_avg double precision,
  smoke_density_pct_min real,
  smoke_density_pct_max real,
  co_ppm_avg double precision,
  co_ppm_min real,
  co_ppm_max real,
  call_point_max real,
  muted_max real,
  temp_c_avg double precision,
  temp_c_min real,
  temp_c_max real,
  humidity_pct_avg double precision,
  humidity_pct_min real,
  humidity_pct_max real,
  co2_ppm_avg double precision,
  co2_ppm_min real,
  co2_ppm_max real,
  CONSTRAINT fire_hour_stored_key UNIQUE (device_number, hour)
);
CREATE INDEX fire_hour_stored_hour_idx ON fire_hour_stored (hour);

CREATE VIEW fire_hour AS
  SELECT * FROM fire_hour_stored
   WHERE hour < (SELECT coalesce(max(done_to), '-infinity') FROM rollup_done WHERE kind = 'fire')
  UNION ALL
  SELECT date_bin(INTERVAL '1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour,
         device_number,
         count(*) AS readings,
         max(smoke) AS smoke_max, max(heat_alarm) AS heat_alarm_max, max(co) AS co_max, max(gas) AS gas_max,
         avg(obscuration_db_m) AS obscuration_db_m_avg, min(obscuration_db_m) AS obscuration_db_m_min,
         max(obscuration_db_m) AS obscuration_db_m_max, avg(smoke_density_pct) AS smoke_density_pct_avg,
         min(smoke_density_pct) AS smoke_density_pct_min, max(smoke_density_pct) AS smoke_density_pct_max,
         avg(co_ppm) AS co_ppm_avg, min(co_ppm) AS co_ppm_min, max(co_ppm) AS co_ppm_max,
         max(call_point) AS call_point_max, max(muted) AS muted_max, avg(temp_c) AS temp_c_avg,
         min(temp_c) AS temp_c_min, max(temp_c) AS temp_c_max, avg(humidity_pct) AS humidity_pct_avg,
         min(humidity_pct) AS humidity_pct_min, max(humidity_pct) AS humidity_pct_max, avg(co2_ppm) AS co2_ppm_avg,
         min(co2_ppm) AS co2_ppm_min, max(co2_ppm) AS co2_ppm_max
    FROM reading_fire
   WHERE time >= (SELECT coalesce(max(done_to), '-infinity') FROM rollup_done WHERE kind = 'fire')
   GROUP BY 1, 2;

-- Rolls up the hours from from_at up to to_at again, from the raw rows.
CREATE FUNCTION roll_up_fire(from_at timestamptz, to_at timestamptz) RETURNS void LANGUAGE sql AS $$
  DELETE FROM fire_hour_stored WHERE hour >= from_at AND hour < to_at;
  INSERT INTO fire_hour_stored
  SELECT date_bin(INTERVAL '1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour,
         device_number,
         count(*) AS readings,
         max(smoke) AS smoke_max, max(heat_alarm) AS heat_alarm_max, max(co) AS co_max, max(gas) AS gas_max,
         avg(obscuration_db_m) AS obscuration_db_m_avg, min(obscuration_db_m) AS obscuration_db_m_min,
         max(obscuration_db_m) AS obscuration_db_m_max, avg(smoke_density_pct) AS smoke_density_pct_avg,
         min(smoke_density_pct) AS smoke_density_pct_min, max(smoke_density_pct) AS smoke_density_pct_max,
         avg(co_ppm) AS co_ppm_avg, min(co_ppm) AS co_ppm_min, max(co_ppm) AS co_ppm_max,
         max(call_point) AS call_point_max, max(muted) AS muted_max, avg(temp_c) AS temp_c_avg,
         min(temp_c) AS temp_c_min, max(temp_c) AS temp_c_max, avg(humidity_pct) AS humidity_pct_avg,
         min(humidity_pct) AS humidity_pct_min, max(humidity_pct) AS humidity_pct_max, avg(co2_ppm) AS co2_ppm_avg,
         min(co2_ppm) AS co2_ppm_min, max(co2_ppm) AS co2_ppm_max
    FROM reading_fire
   WHERE time >= from_at AND time < to_at
   GROUP BY 1, 2;
$$;

CREATE TABLE water_hour_stored (
  hour timestamptz NOT NULL,
  device_number int NOT NULL,
  readings bigint NOT NULL,
  water_flow_max real,
  water_pressure_kpa_avg double precision,
  water_pressure_kpa_min real,
  water_pressure_kpa_max real,
  valve_open_max real,
  pump_running_max real,
  tank_level_pct_avg double precision,
  tank_level_pct_min real,
  tank_level_pct_max real,
  leak_max real,
  CONSTRAINT water_hour_stored_key UNIQUE (device_number, hour)
);
CREATE INDEX water_hour_stored_hour_idx ON water_hour_stored (hour);

CREATE VIEW water_hour AS
  SELECT * FROM water_hour_stored
   WHERE hour < (SELECT coalesce(max(done_to), '-infinity') FROM rollup_done WHERE kind = 'water')
  UNION ALL
  SELECT date_bin(INTERVAL '1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour,
         device_number,
         count(*) AS readings,
         max(water_flow) AS water_flow_max, avg(water_pressure_kpa) AS water_pressure_kpa_avg,
         min(water_pressure_kpa) AS water_pressure_kpa_min, max(water_pressure_kpa) AS water_pressure_kpa_max,
         max(valve_open) AS valve_open_max, max(pump_running) AS pump_running_max,
         avg(tank_level_pct) AS tank_level_pct_avg, min(tank_level_pct) AS tank_level_pct_min,
         max(tank_level_pct) AS tank_level_pct_max, max(leak) AS leak_max
    FROM reading_water
   WHERE time >= (SELECT coalesce(max(done_to), '-infinity') FROM rollup_done WHERE kind = 'water')
   GROUP BY 1, 2;

-- Rolls up the hours from from_at up to to_at again, from the raw rows.
CREATE FUNCTION roll_up_water(from_at timestamptz, to_at timestamptz) RETURNS void LANGUAGE sql AS $$
  DELETE FROM water_hour_stored WHERE hour >= from_at AND hour < to_at;
  INSERT INTO water_hour_stored
  SELECT date_bin(INTERVAL '1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour,
         device_number,
         count(*) AS readings,
         max(water_flow) AS water_flow_max, avg(water_pressure_kpa) AS water_pressure_kpa_avg,
         min(water_pressure_kpa) AS water_pressure_kpa_min, max(water_pressure_kpa) AS water_pressure_kpa_max,
         max(valve_open) AS valve_open_max, max(pump_running) AS pump_running_max,
         avg(tank_level_pct) AS tank_level_pct_avg, min(tank_level_pct) AS tank_level_pct_min,
         max(tank_level_pct) AS tank_level_pct_max, max(leak) AS leak_max
    FROM reading_water
   WHERE time >= from_at AND time < to_at
   GROUP BY 1, 2;
$$;

CREATE TABLE ambient_hour_stored (
  hour timestamptz NOT NULL,
  device_number int NOT NULL,
  readings bigint NOT NULL,
  co_ppm_avg double precision,
  co_ppm_min real,
  co_ppm_max real,
  temp_c_avg double precision,
  temp_c_min real,
  temp_c_max real,
  humidity_pct_avg double precision,
  humidity_pct_min real,
  humidity_pct_max real,
  illuminance_lux_avg double precision,
  illuminance_lux_min real,
  illuminance_lux_max real,
  co2_ppm_avg double precision,
  co2_ppm_min real,
  co2_ppm_max real,
  motion_max real,
  occupied_max real,
  contact_open_max real,
  bed_occupied_max real,
  vibration_max real,
  CONSTRAINT ambient_hour_stored_key UNIQUE (device_number, hour)
);
CREATE INDEX ambient_hour_stored_hour_idx ON ambient_hour_stored (hour);

CREATE VIEW ambient_hour AS
  SELECT * FROM ambient_hour_stored
   WHERE hour < (SELECT coalesce(max(done_to), '-infinity') FROM rollup_done WHERE kind = 'ambient')
  UNION ALL
  SELECT date_bin(INTERVAL '1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour,
         device_number,
         count(*) AS readings,
         avg(co_ppm) AS co_ppm_avg, min(co_ppm) AS co_ppm_min, max(co_ppm) AS co_ppm_max, avg(temp_c) AS temp_c_avg,
         min(temp_c) AS temp_c_min, max(temp_c) AS temp_c_max, avg(humidity_pct) AS humidity_pct_avg,
         min(humidity_pct) AS humidity_pct_min, max(humidity_pct) AS humidity_pct_max,
         avg(illuminance_lux) AS illuminance_lux_avg, min(illuminance_lux) AS illuminance_lux_min,
         max(illuminance_lux) AS illuminance_lux_max, avg(co2_ppm) AS co2_ppm_avg, min(co2_ppm) AS co2_ppm_min,
         max(co2_ppm) AS co2_ppm_max, max(motion) AS motion_max, max(occupied) AS occupied_max,
         max(contact_open) AS contact_open_max, max(bed_occupied) AS bed_occupied_max, max(vibration) AS vibration_max
    FROM reading_ambient
   WHERE time >= (SELECT coalesce(max(done_to), '-infinity') FROM rollup_done WHERE kind = 'ambient')
   GROUP BY 1, 2;

-- Rolls up the hours from from_at up to to_at again, from the raw rows.
CREATE FUNCTION roll_up_ambient(from_at timestamptz, to_at timestamptz) RETURNS void LANGUAGE sql AS $$
  DELETE FROM ambient_hour_stored WHERE hour >= from_at AND hour < to_at;
  INSERT INTO ambient_hour_stored
  SELECT date_bin(INTERVAL '1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour,
         device_number,
         count(*) AS readings,
         avg(co_ppm) AS co_ppm_avg, min(co_ppm) AS co_ppm_min, max(co_ppm) AS co_ppm_max, avg(temp_c) AS temp_c_avg,
         min(temp_c) AS temp_c_min, max(temp_c) AS temp_c_max, avg(humidity_pct) AS humidity_pct_avg,
         min(humidity_pct) AS humidity_pct_min, max(humidity_pct) AS humidity_pct_max,
         avg(illuminance_lux) AS illuminance_lux_avg, min(illuminance_lux) AS illuminance_lux_min,
         max(illuminance_lux) AS illuminance_lux_max, avg(co2_ppm) AS co2_ppm_avg, min(co2_ppm) AS co2_ppm_min,
         max(co2_ppm) AS co2_ppm_max, max(motion) AS motion_max, max(occupied) AS occupied_max,
         max(contact_open) AS contact_open_max, max(bed_occupied) AS bed_occupied_max, max(vibration) AS vibration_max
    FROM reading_ambient
   WHERE time >= from_at AND time < to_at
   GROUP BY 1, 2;
$$;

CREATE TABLE wearable_hour_stored (
  hour timestamptz NOT NULL,
  device_number int NOT NULL,
  readings bigint NOT NULL,
  fall_max real,
  heart_rate_bpm_avg double precision,
  heart_rate_bpm_min real,
  heart_rate_bpm_max real,
  steps_avg double precision,
  steps_min real,
  steps_max real,
  worn_max real,
  CONSTRAINT wearable_hour_stored_key UNIQUE (device_number, hour)
);
CREATE INDEX wearable_hour_stored_hour_idx ON wearable_hour_stored (hour);

CREATE VIEW wearable_hour AS
  SELECT * FROM wearable_hour_stored
   WHERE hour < (SELECT coalesce(max(done_to), '-infinity') FROM rollup_done WHERE kind = 'wearable')
  UNION ALL
  SELECT date_bin(INTERVAL '1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour,
         device_number,
         count(*) AS readings,
         max(fall) AS fall_max, avg(heart_rate_bpm) AS heart_rate_bpm_avg, min(heart_rate_bpm) AS heart_rate_bpm_min,
         max(heart_rate_bpm) AS heart_rate_bpm_max, avg(steps) AS steps_avg, min(steps) AS steps_min,
         max(steps) AS steps_max, max(worn) AS worn_max
    FROM reading_wearable
   WHERE time >= (SELECT coalesce(max(done_to), '-infinity') FROM rollup_done WHERE kind = 'wearable')
   GROUP BY 1, 2;

-- Rolls up the hours from from_at up to to_at again, from the raw rows.
CREATE FUNCTION roll_up_wearable(from_at timestamptz, to_at timestamptz) RETURNS void LANGUAGE sql AS $$
  DELETE FROM wearable_hour_stored WHERE hour >= from_at AND hour < to_at;
  INSERT INTO wearable_hour_stored
  SELECT date_bin(INTERVAL '1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour,
         device_number,
         count(*) AS readings,
         max(fall) AS fall_max, avg(heart_rate_bpm) AS heart_rate_bpm_avg, min(heart_rate_bpm) AS heart_rate_bpm_min,
         max(heart_rate_bpm) AS heart_rate_bpm_max, avg(steps) AS steps_avg, min(steps) AS steps_min,
         max(steps) AS steps_max, max(worn) AS worn_max
    FROM reading_wearable
   WHERE time >= from_at AND time < to_at
   GROUP BY 1, 2;
$$;
