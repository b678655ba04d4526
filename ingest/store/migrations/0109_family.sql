-- Families: which account a contact has, what a resident shares with whom, quiet hours, check-ins. Part of the registry.

ALTER TABLE contact ADD COLUMN user_id text CONSTRAINT contact_user_fk REFERENCES app_user;
CREATE INDEX contact_user_idx ON contact (user_id) WHERE user_id IS NOT NULL;

-- The ledger of consent: each line is one word of a resident, or of who decides for them, about one thing and one contact.
-- The newest line counts; no line is ever changed or removed, so the ledger outlives the contact and points nowhere.
CREATE TABLE consent (
  consent_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT consent_pk PRIMARY KEY,
  resident_id text NOT NULL,
  contact_id text NOT NULL,
  share text NOT NULL CONSTRAINT consent_share_known
    CHECK (share IN ('endings', 'calls', 'safety', 'routine', 'place', 'helpers', 'activity', 'check_in')),
  given boolean NOT NULL,
  by text NOT NULL CONSTRAINT consent_by_given CHECK (by <> ''),
  recorded_by text NOT NULL CONSTRAINT consent_recorded_by_given CHECK (recorded_by <> ''),
  at timestamptz NOT NULL
);
CREATE INDEX consent_newest_idx ON consent (resident_id, contact_id, share, consent_id DESC);

-- Somebody asked whether a resident is fine, or the resident, or somebody who knows, said so. Append only as well.
CREATE TABLE check_in (
  check_in_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT check_in_pk PRIMARY KEY,
  resident_id text NOT NULL,
  contact_id text NOT NULL,
  word text NOT NULL CONSTRAINT check_in_word_known CHECK (word IN ('asked', 'fine')),
  at timestamptz NOT NULL
);
CREATE INDEX check_in_newest_idx ON check_in (resident_id, word, check_in_id DESC);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consent
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_in_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON check_in
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a family account wishes: no message that is not urgent from quiet_from to quiet_to, and news of the day at
-- digest_at; local times of the resident's site.
CREATE TABLE family_wish (
  user_id text CONSTRAINT family_wish_pk PRIMARY KEY CONSTRAINT family_wish_user_fk REFERENCES app_user,
  quiet_from time,
  quiet_to time,
  digest_at time,
  CONSTRAINT family_wish_quiet_whole CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
);

CREATE TRIGGER consent_bumps_version AFTER INSERT ON consent
  FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER check_in_bumps_version AFTER INSERT ON check_in
  FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER family_wish_bumps_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON family_wish
  FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();

CREATE FUNCTION may_see_resident(wanted text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
  SELECT EXISTS (SELECT FROM public.resident WHERE resident_id = wanted AND public.may_see_site(site_id));
$$;

ALTER TABLE consent ENABLE ROW LEVEL SECURITY;
CREATE POLICY consent_of_reader ON consent USING (may_see_resident(resident_id));
ALTER TABLE check_in ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_in_of_reader ON check_in USING (may_see_resident(resident_id));
ALTER TABLE family_wish ENABLE ROW LEVEL SECURITY;
CREATE POLICY family_wish_of_reader ON family_wish USING (may_see_person(user_id, NULL));

CREATE TRIGGER family_wish_notes_change AFTER INSERT OR UPDATE OR DELETE ON family_wish
  FOR EACH ROW EXECUTE FUNCTION note_registry_change('wish', 'user_id', '');
