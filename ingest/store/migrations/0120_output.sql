-- What a fire switches at a site: sirens, doors, valves, power. Part of the registry.

CREATE TABLE output (
  output_id text CONSTRAINT output_pk PRIMARY KEY,
  site_id text NOT NULL CONSTRAINT output_site_fk REFERENCES site,
  name text NOT NULL,
  does text NOT NULL
    CONSTRAINT output_does_known CHECK (does IN ('siren', 'door_release', 'gas_shut', 'water_shut', 'power_cut')),
  gateway_id text NOT NULL CONSTRAINT output_gateway_fk REFERENCES gateway,
  native text NOT NULL,
  zone_id text CONSTRAINT output_zone_fk REFERENCES zone,
  room_id text CONSTRAINT output_room_fk REFERENCES room,
  feeds text NOT NULL DEFAULT ''
);
CREATE INDEX output_site_idx ON output (site_id);
CREATE TRIGGER output_bumps_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON output
  FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER output_notes_change AFTER INSERT OR UPDATE OR DELETE ON output
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('output', 'output_id', '');

ALTER TABLE output ENABLE ROW LEVEL SECURITY;
CREATE POLICY output_of_reader ON output USING (may_see_site(site_id));
