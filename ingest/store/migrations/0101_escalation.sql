-- Who is told, when and how: people's channels, rotas, escalation policies, planned windows. Part of the registry: every
-- change bumps its version. Lists that only programs read as a whole (layers, overrides, steps) are JSON in their row.

ALTER TABLE device ADD CONSTRAINT device_of_site_key UNIQUE (device_id, site_id);

-- A person is user:ID or contact:ID. A channel counts since answered_at: until then nobody has answered a test message.
CREATE TABLE reach (
  person text NOT NULL,
  rank int NOT NULL,
  channel text NOT NULL,
  address text NOT NULL,
  language text NOT NULL DEFAULT 'zh',
  answered_at timestamptz,
  hourly_limit int,
  user_id text GENERATED ALWAYS AS (CASE WHEN starts_with(person, 'user:') THEN substr(person, 6) END) STORED
    CONSTRAINT reach_user_fk REFERENCES app_user,
  contact_id text GENERATED ALWAYS AS (CASE WHEN starts_with(person, 'contact:') THEN substr(person, 9) END) STORED
    CONSTRAINT reach_contact_fk REFERENCES contact,
  CONSTRAINT reach_pk PRIMARY KEY (person, channel, address),
  CONSTRAINT reach_of_person CHECK (user_id IS NOT NULL OR contact_id IS NOT NULL),
  CONSTRAINT reach_rank_positive CHECK (rank >= 1),
  CONSTRAINT reach_address_given CHECK (channel <> '' AND address <> ''),
  CONSTRAINT reach_language_known CHECK (language IN ('zh', 'en')),
  CONSTRAINT reach_hourly_limit_positive CHECK (hourly_limit >= 1)
);

CREATE TABLE rota (
  rota_id text CONSTRAINT rota_pk PRIMARY KEY,
  site_id text NOT NULL CONSTRAINT rota_site_fk REFERENCES site,
  name text NOT NULL,
  layers jsonb NOT NULL DEFAULT '[]' CONSTRAINT rota_layers_list CHECK (jsonb_typeof(layers) = 'array'),
  overrides jsonb NOT NULL DEFAULT '[]' CONSTRAINT rota_overrides_list CHECK (jsonb_typeof(overrides) = 'array')
);
CREATE INDEX rota_site_idx ON rota (site_id);

-- Without a site it is for all sites; empty kinds and priorities stand for all of them.
CREATE TABLE escalation_policy (
  policy_id text CONSTRAINT escalation_policy_pk PRIMARY KEY,
  site_id text CONSTRAINT escalation_policy_site_fk REFERENCES site,
  name text NOT NULL,
  kinds text[] NOT NULL DEFAULT '{}',
  priorities text[] NOT NULL DEFAULT '{}'
    CONSTRAINT escalation_policy_priorities_known CHECK (priorities <@ ARRAY['emergency', 'high', 'medium', 'low']),
  steps jsonb NOT NULL CONSTRAINT escalation_policy_steps_list CHECK (jsonb_typeof(steps) = 'array'),
  repeat_s double precision NOT NULL,
  return_s double precision,
  acknowledgements int NOT NULL DEFAULT 1
    CONSTRAINT escalation_policy_acknowledgements_range CHECK (acknowledgements BETWEEN 1 AND 10),
  hand_over_s double precision NOT NULL DEFAULT 20
);

CREATE TABLE planned_window (
  window_id text CONSTRAINT planned_window_pk PRIMARY KEY,
  site_id text NOT NULL CONSTRAINT planned_window_site_fk REFERENCES site,
  begins_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  reason text NOT NULL CONSTRAINT planned_window_reason_given CHECK (reason <> ''),
  by text NOT NULL CONSTRAINT planned_window_by_given CHECK (by <> ''),
  kinds text[] NOT NULL DEFAULT '{}',
  room_id text,
  device_id text,
  CONSTRAINT planned_window_ends_later CHECK (begins_at < ends_at),
  CONSTRAINT planned_window_not_too_long CHECK (ends_at - begins_at <= INTERVAL '31 days'),
  CONSTRAINT planned_window_room_fk FOREIGN KEY (room_id, site_id) REFERENCES room (room_id, site_id),
  CONSTRAINT planned_window_device_fk FOREIGN KEY (device_id, site_id) REFERENCES device (device_id, site_id)
);
CREATE INDEX planned_window_site_idx ON planned_window (site_id, ends_at);

CREATE TRIGGER reach_bumps_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON reach
  FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER rota_bumps_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rota
  FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER escalation_policy_bumps_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON escalation_policy
  FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER planned_window_bumps_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON planned_window
  FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();

-- A login that is limited to some sites sees the contacts of these sites, and the users who belong to one of them; a user
-- of every site only a login without limits sees.
CREATE FUNCTION may_see_person(wanted_user text, wanted_contact text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
  SELECT NOT EXISTS (SELECT FROM public.board_reader WHERE role_name = session_user)
      OR EXISTS (SELECT FROM public.contact
                  WHERE contact.contact_id = wanted_contact AND public.may_see_site(contact.site_id))
      OR EXISTS (SELECT FROM public.app_user CROSS JOIN unnest(app_user.site_ids) AS own_site
                  WHERE app_user.user_id = wanted_user AND public.may_see_site(own_site));
$$;

ALTER TABLE reach ENABLE ROW LEVEL SECURITY;
CREATE POLICY reach_of_reader ON reach USING (may_see_person(user_id, contact_id));
ALTER TABLE rota ENABLE ROW LEVEL SECURITY;
CREATE POLICY rota_of_reader ON rota USING (may_see_site(site_id));
ALTER TABLE escalation_policy ENABLE ROW LEVEL SECURITY;
CREATE POLICY escalation_policy_of_reader ON escalation_policy USING (site_id IS NULL OR may_see_site(site_id));
ALTER TABLE planned_window ENABLE ROW LEVEL SECURITY;
CREATE POLICY planned_window_of_reader ON planned_window USING (may_see_site(site_id));
