-- requires: timescaledb
-- Readings as hypertables: columnstore after a week, raw rows for 100 days (telemetry may come 90 days late), hours for
-- five years. The hourly views follow late data as far back as raw rows are kept.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['reading_meter', 'reading_fire', 'reading_water', 'reading_ambient', 'reading_wearable',
                              'reading_button', 'reading_extra'] LOOP
    PERFORM create_hypertable(name::regclass, by_range('time', INTERVAL '1 day'), create_default_indexes => false);
    EXECUTE format('ALTER TABLE %I SET (timescaledb.compress, timescaledb.compress_segmentby = %L, '
                   'timescaledb.compress_orderby = %L)', name,
                   CASE name WHEN 'reading_extra' THEN 'device_number, signal, element' ELSE 'device_number' END,
                   'time DESC');
    PERFORM add_compression_policy(name::regclass, INTERVAL '7 days');
    PERFORM add_retention_policy(name::regclass, INTERVAL '100 days');
  END LOOP;
END $$;

CREATE MATERIALIZED VIEW meter_hour WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
  SELECT time_bucket(INTERVAL '1 hour', time) AS hour,
         device_number,
         count(*) AS readings,
         avg(power_w) AS power_w_avg,
         min(power_w) AS power_w_min,
         max(power_w) AS power_w_max,
         avg(voltage_v) AS voltage_v_avg,
         min(voltage_v) AS voltage_v_min,
         max(voltage_v) AS voltage_v_max,
         avg(current_a) AS current_a_avg,
         min(current_a) AS current_a_min,
         max(current_a) AS current_a_max,
         avg(energy_kwh) AS energy_kwh_avg,
         min(energy_kwh) AS energy_kwh_min,
         max(energy_kwh) AS energy_kwh_max,
         avg(power_factor) AS power_factor_avg,
         min(power_factor) AS power_factor_min,
         max(power_factor) AS power_factor_max,
         avg(frequency_hz) AS frequency_hz_avg,
         min(frequency_hz) AS frequency_hz_min,
         max(frequency_hz) AS frequency_hz_max,
         max(switch_on) AS switch_on_max,
         avg(residual_current_ma) AS residual_current_ma_avg,
         min(residual_current_ma) AS residual_current_ma_min,
         max(residual_current_ma) AS residual_current_ma_max,
         avg(cable_temp_c) AS cable_temp_c_avg,
         min(cable_temp_c) AS cable_temp_c_min,
         max(cable_temp_c) AS cable_temp_c_max,
         avg(arc_half_cycles) AS arc_half_cycles_avg,
         min(arc_half_cycles) AS arc_half_cycles_min,
         max(arc_half_cycles) AS arc_half_cycles_max,
         max(electrical_trip) AS electrical_trip_max
    FROM reading_meter
   GROUP BY 1, 2
  WITH NO DATA;
SELECT add_continuous_aggregate_policy('meter_hour', start_offset => INTERVAL '92 days', end_offset => INTERVAL '1 hour',
                                       schedule_interval => INTERVAL '10 minutes');
SELECT add_retention_policy('meter_hour', INTERVAL '5 years');

CREATE MATERIALIZED VIEW fire_hour WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
  SELECT time_bucket(INTERVAL '1 hour', time) AS hour,
         device_number,
         count(*) AS readings,
         max(smoke) AS smoke_max,
         max(heat_alarm) AS heat_alarm_max,
         max(co) AS co_max,
         max(gas) AS gas_max,
         avg(obscuration_db_m) AS obscuration_db_m_avg,
         min(obscuration_db_m) AS obscuration_db_m_min,
         max(obscuration_db_m) AS obscuration_db_m_max,
         avg(smoke_density_pct) AS smoke_density_pct_avg,
         min(smoke_density_pct) AS smoke_density_pct_min,
         max(smoke_density_pct) AS smoke_density_pct_max,
         avg(co_ppm) AS co_ppm_avg,
         min(co_ppm) AS co_ppm_min,
         max(co_ppm) AS co_ppm_max,
         max(call_point) AS call_point_max,
         max(muted) AS muted_max,
         avg(temp_c) AS temp_c_avg,
         min(temp_c) AS temp_c_min,
         max(temp_c) AS temp_c_max,
         avg(humidity_pct) AS humidity_pct_avg,
         min(humidity_pct) AS humidity_pct_min,
         max(humidity_pct) AS humidity_pct_max,
         avg(co2_ppm) AS co2_ppm_avg,
         min(co2_ppm) AS co2_ppm_min,
         max(co2_ppm) AS co2_ppm_max
    FROM reading_fire
   GROUP BY 1, 2
  WITH NO DATA;
SELECT add_continuous_aggregate_policy('fire_hour', start_offset => INTERVAL '92 days', end_offset => INTERVAL '1 hour',
                                       schedule_interval => INTERVAL '10 minutes');
SELECT add_retention_policy('fire_hour', INTERVAL '5 years');

CREATE MATERIALIZED VIEW water_hour WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
  SELECT time_bucket(INTERVAL '1 hour', time) AS hour,
         device_number,
         count(*) AS readings,
         max(water_flow) AS water_flow_max,
         avg(water_pressure_kpa) AS water_pressure_kpa_avg,
         min(water_pressure_kpa) AS water_pressure_kpa_min,
         max(water_pressure_kpa) AS water_pressure_kpa_max,
         max(valve_open) AS valve_open_max,
         max(pump_running) AS pump_running_max,
         avg(tank_level_pct) AS tank_level_pct_avg,
         min(tank_level_pct) AS tank_level_pct_min,
         max(tank_level_pct) AS tank_level_pct_max,
         max(leak) AS leak_max
    FROM reading_water
   GROUP BY 1, 2
  WITH NO DATA;
SELECT add_continuous_aggregate_policy('water_hour', start_offset => INTERVAL '92 days', end_offset => INTERVAL '1 hour',
                                       schedule_interval => INTERVAL '10 minutes');
SELECT add_retention_policy('water_hour', INTERVAL '5 years');

CREATE MATERIALIZED VIEW ambient_hour WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
  SELECT time_bucket(INTERVAL '1 hour', time) AS hour,
         device_number,
         count(*) AS readings,
         avg(co_ppm) AS co_ppm_avg,
         min(co_ppm) AS co_ppm_min,
         max(co_ppm) AS co_ppm_max,
         avg(temp_c) AS temp_c_avg,
         min(temp_c) AS temp_c_min,
         max(temp_c) AS temp_c_max,
         avg(humidity_pct) AS humidity_pct_avg,
         min(humidity_pct) AS humidity_pct_min,
         max(humidity_pct) AS humidity_pct_max,
         avg(illuminance_lux) AS illuminance_lux_avg,
         min(illuminance_lux) AS illuminance_lux_min,
         max(illuminance_lux) AS illuminance_lux_max,
         avg(co2_ppm) AS co2_ppm_avg,
         min(co2_ppm) AS co2_ppm_min,
         max(co2_ppm) AS co2_ppm_max,
         max(motion) AS motion_max,
         max(occupied) AS occupied_max,
         max(contact_open) AS contact_open_max,
         max(bed_occupied) AS bed_occupied_max,
         max(vibration) AS vibration_max
    FROM reading_ambient
   GROUP BY 1, 2
  WITH NO DATA;
SELECT add_continuous_aggregate_policy('ambient_hour', start_offset => INTERVAL '92 days', end_offset => INTERVAL '1 hour',
                                       schedule_interval => INTERVAL '10 minutes');
SELECT add_retention_policy('ambient_hour', INTERVAL '5 years');

CREATE MATERIALIZED VIEW wearable_hour WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
  SELECT time_bucket(INTERVAL '1 hour', time) AS hour,
         device_number,
         count(*) AS readings,
         max(fall) AS fall_max,
         avg(heart_rate_bpm) AS heart_rate_bpm_avg,
         min(heart_rate_bpm) AS heart_rate_bpm_min,
         max(heart_rate_bpm) AS heart_rate_bpm_max,
         avg(steps) AS steps_avg,
         min(steps) AS steps_min,
         max(steps) AS steps_max,
         max(worn) AS worn_max
    FROM reading_wearable
   GROUP BY 1, 2
  WITH NO DATA;
SELECT add_continuous_aggregate_policy('wearable_hour', start_offset => INTERVAL '92 days', end_offset => INTERVAL '1 hour',
                                       schedule_interval => INTERVAL '10 minutes');
SELECT add_retention_policy('wearable_hour', INTERVAL '5 years');
