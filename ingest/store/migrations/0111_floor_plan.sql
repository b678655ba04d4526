-- Floor plans: where rooms and devices of a floor stand, part of the registry. The pictures below them are not: they are
-- large, never change (their name is their SHA-256), and a console fetches each of them once.

CREATE TABLE plan_image (
  image text CONSTRAINT plan_image_pk PRIMARY KEY
    CONSTRAINT plan_image_is_sha256 CHECK (image ~ '^[0-9a-f]{64}$'),
  content bytea NOT NULL CONSTRAINT plan_image_bounded CHECK (octet_length(content) BETWEEN 1 AND 8388608),
  CONSTRAINT plan_image_is_its_name CHECK (image = encode(sha256(content), 'hex'))
);

-- Without a floor it is for the rooms of the site that belong to none. Rooms and devices are JSON in their row, as only
-- programs read them, as a whole.
CREATE TABLE floor_plan (
  plan_id text CONSTRAINT floor_plan_pk PRIMARY KEY,
  site_id text NOT NULL CONSTRAINT floor_plan_site_fk REFERENCES site ON DELETE CASCADE,
  zone_id text,
  width int NOT NULL CONSTRAINT floor_plan_width_range CHECK (width BETWEEN 1 AND 20000),
  height int NOT NULL CONSTRAINT floor_plan_height_range CHECK (height BETWEEN 1 AND 20000),
  rooms jsonb NOT NULL DEFAULT '[]' CONSTRAINT floor_plan_rooms_list CHECK (jsonb_typeof(rooms) = 'array'),
  devices jsonb NOT NULL DEFAULT '[]' CONSTRAINT floor_plan_devices_list CHECK (jsonb_typeof(devices) = 'array'),
  image text CONSTRAINT floor_plan_image_fk REFERENCES plan_image,
  media_type text NOT NULL DEFAULT '',
  CONSTRAINT floor_plan_id_of_floor CHECK (plan_id = coalesce(zone_id, '@' || site_id)),
  CONSTRAINT floor_plan_media_type_known CHECK (
    media_type IN ('image/png', 'image/jpeg', 'image/webp', 'image/svg+xml') OR (image IS NULL AND media_type = '')),
  CONSTRAINT floor_plan_zone_fk FOREIGN KEY (zone_id, site_id) REFERENCES zone (zone_id, site_id) ON DELETE CASCADE
);
CREATE INDEX floor_plan_site_idx ON floor_plan (site_id);
CREATE INDEX floor_plan_image_idx ON floor_plan (image);

CREATE TRIGGER floor_plan_bumps_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON floor_plan
  FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER floor_plan_notes_change AFTER INSERT OR UPDATE OR DELETE ON floor_plan
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('plan', 'plan_id', '');

ALTER TABLE floor_plan ENABLE ROW LEVEL SECURITY;
CREATE POLICY floor_plan_of_reader ON floor_plan USING (may_see_site(site_id));
ALTER TABLE plan_image ENABLE ROW LEVEL SECURITY;
CREATE POLICY plan_image_of_reader ON plan_image
  USING (EXISTS (SELECT FROM floor_plan WHERE floor_plan.image = plan_image.image AND may_see_site(floor_plan.site_id)));
