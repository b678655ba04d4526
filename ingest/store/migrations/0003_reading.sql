-- Readings: one wide row per device and moment, in a table per kind; rare signals and list elements in reading_extra.
-- The columns are those of the signal registry (ingest/wire/signals.py); a contract test holds them equal.
-- The tables are made plain here; the next two steps turn them into hypertables or into daily partitions.

CREATE TABLE reading_meter (
  time timestamptz NOT NULL,
  device_number int NOT NULL,
  received_at timestamptz NOT NULL,
  energy_kwh double precision,
  power_w real,
  voltage_v real,
  current_a real,
  power_factor real,
  frequency_hz real,
  switch_on real,
  residual_current_ma real,
  cable_temp_c real,
  arc_half_cycles real,
  electrical_trip real,
  CONSTRAINT reading_meter_key UNIQUE (device_number, time)
);

CREATE TABLE reading_fire (
  time timestamptz NOT NULL,
  device_number int NOT NULL,
  received_at timestamptz NOT NULL,
  smoke real,
  heat_alarm real,
  co real,
  gas real,
  obscuration_db_m real,
  smoke_density_pct real,
  co_ppm real,
  call_point real,
  muted real,
  temp_c real,
  humidity_pct real,
  co2_ppm real,
  CONSTRAINT reading_fire_key UNIQUE (device_number, time)
);

CREATE TABLE reading_water (
  time timestamptz NOT NULL,
  device_number int NOT NULL,
  received_at timestamptz NOT NULL,
  water_flow real,
  water_pressure_kpa real,
  valve_open real,
  pump_running real,
  tank_level_pct real,
  leak real,
  CONSTRAINT reading_water_key UNIQUE (device_number, time)
);

CREATE TABLE reading_ambient (
  time timestamptz NOT NULL,
  device_number int NOT NULL,
  received_at timestamptz NOT NULL,
  co_ppm real,
  temp_c real,
  humidity_pct real,
  illuminance_lux real,
  co2_ppm real,
  motion real,
  occupied real,
  contact_open real,
  bed_occupied real,
  vibration real,
  CONSTRAINT reading_ambient_key UNIQUE (device_number, time)
);

CREATE TABLE reading_wearable (
  time timestamptz NOT NULL,
  device_number int NOT NULL,
  received_at timestamptz NOT NULL,
  fall real,
  heart_rate_bpm real,
  steps real,
  worn real,
  CONSTRAINT reading_wearable_key UNIQUE (device_number, time)
);

CREATE TABLE reading_button (
  time timestamptz NOT NULL,
  device_number int NOT NULL,
  received_at timestamptz NOT NULL,
  CONSTRAINT reading_button_key UNIQUE (device_number, time)
);

CREATE TABLE reading_extra (
  time timestamptz NOT NULL,
  value double precision NOT NULL,
  device_number int NOT NULL,
  signal smallint NOT NULL,
  element smallint NOT NULL,
  CONSTRAINT reading_extra_key UNIQUE (device_number, signal, element, time)
);

-- The newest value of every signal, written at a limited rate: room in the page keeps the updates in place.
CREATE TABLE last_value (
  time timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  value double precision NOT NULL,
  device_number int NOT NULL,
  signal smallint NOT NULL,
  element smallint NOT NULL,
  CONSTRAINT last_value_pk PRIMARY KEY (device_number, signal, element)
) WITH (fillfactor = 50);

-- Telemetry that was set aside: which, why, and its bytes.
CREATE TABLE quarantine (
  quarantine_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT quarantine_pk PRIMARY KEY,
  received_at timestamptz NOT NULL,
  gateway_id text NOT NULL,
  topic text NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL,
  payload bytea NOT NULL
);
CREATE INDEX quarantine_received_idx ON quarantine (received_at);

-- Where a consumer stands in a lane of a gateway; written with the data that it stands for.
CREATE TABLE lane_position (
  consumer text NOT NULL,
  gateway_id text NOT NULL,
  boot text NOT NULL,
  lane text NOT NULL,
  position bigint NOT NULL,
  ahead bigint[] NOT NULL DEFAULT '{}',
  moved_at timestamptz NOT NULL,
  CONSTRAINT lane_position_pk PRIMARY KEY (consumer, gateway_id, boot, lane)
) WITH (fillfactor = 70);
