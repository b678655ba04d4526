-- The badges that staff show to buttons in rooms: whose they are, or at least what they are called. Part of the registry.

CREATE TABLE badge (
  badge_id text CONSTRAINT badge_pk PRIMARY KEY,
  site_id text NOT NULL CONSTRAINT badge_site_fk REFERENCES site,
  name text NOT NULL DEFAULT '',
  user_id text CONSTRAINT badge_user_fk REFERENCES app_user,
  CONSTRAINT badge_says_who CHECK (name <> '' OR user_id IS NOT NULL)
);
CREATE INDEX badge_site_idx ON badge (site_id);
CREATE TRIGGER badge_bumps_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON badge
  FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();

ALTER TABLE badge ENABLE ROW LEVEL SECURITY;
CREATE POLICY badge_of_reader ON badge USING (may_see_site(site_id));
