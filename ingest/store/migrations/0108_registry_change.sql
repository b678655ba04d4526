-- Who changed what in the registry, and when: written by the tables themselves, so in the same transaction as the change,
-- whoever makes it. by is the account of the console that says so (anxin.by), else the program. Addresses to which
-- anybody could send, and password hashes, are not kept: only that there was one, or another one.

CREATE TABLE registry_change (
  change_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT registry_change_pk PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  by text NOT NULL,
  site_id text,
  what text NOT NULL,
  entry_id text NOT NULL,
  before jsonb,
  after jsonb,
  CONSTRAINT registry_change_of_something CHECK (before IS NOT NULL OR after IS NOT NULL)
);
CREATE INDEX registry_change_site_idx ON registry_change (site_id, change_id DESC);

-- An entry without its secret: empty stays empty, another one than beside it is changed, else it is set.
CREATE FUNCTION without_secret(entry jsonb, secret text, beside jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN coalesce(entry ->> secret, '') = '' THEN entry
              ELSE entry || jsonb_build_object(secret, CASE WHEN beside ->> secret <> entry ->> secret THEN 'changed'
                                                            ELSE 'set' END) END;
$$;

-- Arguments: what an entry is called, the column of its id, the column of its secret (or none).
CREATE FUNCTION note_registry_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_entry jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_entry jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  entry jsonb := coalesce(new_entry, old_entry);
  secret text := TG_ARGV[2];
  of_site text := entry ->> 'site_id';
BEGIN
  IF old_entry = new_entry THEN
    RETURN NULL;
  END IF;
  IF TG_TABLE_NAME = 'reach' THEN
    SELECT contact.site_id INTO of_site FROM contact WHERE contact_id = entry ->> 'contact_id';
  END IF;
  INSERT INTO registry_change (by, site_id, what, entry_id, before, after)
  VALUES (coalesce(nullif(current_setting('anxin.by', true), ''), current_setting('application_name')),
          of_site, TG_ARGV[0], entry ->> TG_ARGV[1],
          CASE WHEN secret = '' THEN old_entry ELSE without_secret(old_entry, secret, NULL) END,
          CASE WHEN secret = '' THEN new_entry ELSE without_secret(new_entry, secret, old_entry) END);
  RETURN NULL;
END $$;

CREATE TRIGGER site_notes_change AFTER INSERT OR UPDATE OR DELETE ON site
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('site', 'site_id', '');
CREATE TRIGGER zone_notes_change AFTER INSERT OR UPDATE OR DELETE ON zone
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('zone', 'zone_id', '');
CREATE TRIGGER room_notes_change AFTER INSERT OR UPDATE OR DELETE ON room
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('room', 'room_id', '');
CREATE TRIGGER resident_notes_change AFTER INSERT OR UPDATE OR DELETE ON resident
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('resident', 'resident_id', '');
CREATE TRIGGER contact_notes_change AFTER INSERT OR UPDATE OR DELETE ON contact
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('contact', 'contact_id', 'webhook');
CREATE TRIGGER gateway_notes_change AFTER INSERT OR UPDATE OR DELETE ON gateway
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('gateway', 'gateway_id', '');
CREATE TRIGGER device_notes_change AFTER INSERT OR UPDATE OR DELETE ON device
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('device', 'device_id', '');
CREATE TRIGGER app_user_notes_change AFTER INSERT OR UPDATE OR DELETE ON app_user
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('user', 'user_id', 'password_hash');
CREATE TRIGGER badge_notes_change AFTER INSERT OR UPDATE OR DELETE ON badge
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('badge', 'badge_id', '');
CREATE TRIGGER reach_notes_change AFTER INSERT OR UPDATE OR DELETE ON reach
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('reach', 'person', 'address');
CREATE TRIGGER rota_notes_change AFTER INSERT OR UPDATE OR DELETE ON rota
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('rota', 'rota_id', '');
CREATE TRIGGER escalation_policy_notes_change AFTER INSERT OR UPDATE OR DELETE ON escalation_policy
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('policy', 'policy_id', '');
CREATE TRIGGER planned_window_notes_change AFTER INSERT OR UPDATE OR DELETE ON planned_window
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('window', 'window_id', '');

ALTER TABLE registry_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY registry_change_of_reader ON registry_change USING (site_id IS NOT NULL AND may_see_site(site_id));
