-- Which rooms of a site adjoin: a door between them, each pair once, the lesser id first. Part of the registry.

CREATE TABLE doorway (
  doorway_id text CONSTRAINT doorway_pk PRIMARY KEY,
  site_id text NOT NULL CONSTRAINT doorway_site_fk REFERENCES site,
  name text NOT NULL,
  room_id text NOT NULL,
  other_room_id text NOT NULL,
  CONSTRAINT doorway_rooms_ordered CHECK (room_id COLLATE "C" < other_room_id COLLATE "C"),
  CONSTRAINT doorway_rooms_key UNIQUE (room_id, other_room_id),
  CONSTRAINT doorway_room_fk FOREIGN KEY (room_id, site_id) REFERENCES room (room_id, site_id) ON DELETE CASCADE,
  CONSTRAINT doorway_other_room_fk FOREIGN KEY (other_room_id, site_id) REFERENCES room (room_id, site_id)
    ON DELETE CASCADE
);
CREATE INDEX doorway_site_idx ON doorway (site_id);
CREATE INDEX doorway_other_room_idx ON doorway (other_room_id);
CREATE TRIGGER doorway_bumps_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON doorway
  FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER doorway_notes_change AFTER INSERT OR UPDATE OR DELETE ON doorway
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('doorway', 'doorway_id', '');

ALTER TABLE doorway ENABLE ROW LEVEL SECURITY;
CREATE POLICY doorway_of_reader ON doorway USING (may_see_site(site_id));
