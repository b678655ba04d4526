-- Row security on the small tables, for read-only logins of a customer that a person grants SELECT to. The owner, which
-- our programs log in as, is not bound by it; a login without rows in board_reader is not limited either.

CREATE FUNCTION may_see_site(wanted text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
  SELECT NOT EXISTS (SELECT FROM public.board_reader WHERE role_name = session_user)
      OR EXISTS (SELECT FROM public.board_reader WHERE role_name = session_user AND site_id = wanted);
$$;

ALTER TABLE site ENABLE ROW LEVEL SECURITY;
CREATE POLICY site_of_reader ON site USING (may_see_site(site_id));
ALTER TABLE zone ENABLE ROW LEVEL SECURITY;
CREATE POLICY zone_of_reader ON zone USING (may_see_site(site_id));
ALTER TABLE room ENABLE ROW LEVEL SECURITY;
CREATE POLICY room_of_reader ON room USING (may_see_site(site_id));
ALTER TABLE resident ENABLE ROW LEVEL SECURITY;
CREATE POLICY resident_of_reader ON resident USING (may_see_site(site_id));
ALTER TABLE contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY contact_of_reader ON contact USING (may_see_site(site_id));
ALTER TABLE gateway ENABLE ROW LEVEL SECURITY;
CREATE POLICY gateway_of_reader ON gateway USING (may_see_site(site_id));
ALTER TABLE device ENABLE ROW LEVEL SECURITY;
CREATE POLICY device_of_reader ON device USING (may_see_site(site_id));
ALTER TABLE alarm ENABLE ROW LEVEL SECURITY;
CREATE POLICY alarm_of_reader ON alarm USING (may_see_site(site_id));
ALTER TABLE alarm_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY alarm_log_of_reader ON alarm_log
  USING (EXISTS (SELECT FROM alarm WHERE alarm.alarm_id = alarm_log.alarm_id AND may_see_site(alarm.site_id)));
ALTER TABLE notification ENABLE ROW LEVEL SECURITY;
CREATE POLICY notification_of_reader ON notification
  USING (EXISTS (SELECT FROM alarm WHERE alarm.alarm_id = notification.alarm_id AND may_see_site(alarm.site_id)));
