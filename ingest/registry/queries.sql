-- name: version
SELECT version FROM registry_version;

-- name: lock
-- One change of the registry at a time: until the end of the transaction.
SELECT version FROM registry_version FOR UPDATE;

-- name: said_by
-- Who makes the changes of this transaction, for registry_change.
SELECT set_config('anxin.by', %(by)s, true);

-- name: load
-- Everything as one JSON value: one statement, so one moment.
SELECT json_build_object(
  'version', (SELECT version FROM registry_version),
  'sites', (SELECT coalesce(json_agg(site ORDER BY site_id), '[]') FROM site),
  'zones', (SELECT coalesce(json_agg(zone ORDER BY zone_id), '[]') FROM zone),
  'rooms', (SELECT coalesce(json_agg(room ORDER BY room_id), '[]') FROM room),
  'residents', (SELECT coalesce(json_agg(resident ORDER BY resident_id), '[]') FROM resident),
  'contacts', (SELECT coalesce(json_agg(contact ORDER BY contact_id), '[]') FROM contact),
  'gateways', (SELECT coalesce(json_agg(gateway ORDER BY gateway_id), '[]') FROM gateway),
  'devices', (SELECT coalesce(json_agg(device ORDER BY device_id), '[]') FROM device),
  'users', (SELECT coalesce(json_agg(app_user ORDER BY user_id), '[]') FROM app_user),
  'reaches', (SELECT coalesce(json_agg(reach ORDER BY person, rank, channel, address), '[]') FROM reach),
  'rotas', (SELECT coalesce(json_agg(rota ORDER BY rota_id), '[]') FROM rota),
  'policies', (SELECT coalesce(json_agg(policy ORDER BY policy_id), '[]') FROM escalation_policy AS policy),
  'windows', (SELECT coalesce(json_agg(planned ORDER BY window_id), '[]') FROM planned_window AS planned),
  'badges', (SELECT coalesce(json_agg(badge ORDER BY badge_id), '[]') FROM badge),
  'consents', (SELECT coalesce(json_agg(newest ORDER BY resident_id, contact_id, share), '[]')
                 FROM (SELECT DISTINCT ON (resident_id, contact_id, share)
                              resident_id, contact_id, share, given, by, recorded_by, at
                         FROM consent JOIN contact USING (resident_id, contact_id)
                        ORDER BY resident_id, contact_id, share, consent_id DESC) AS newest),
  'check_ins', (SELECT coalesce(json_agg(newest ORDER BY resident_id, word), '[]')
                  FROM (SELECT DISTINCT ON (resident_id, word) check_in.* FROM check_in JOIN resident USING (resident_id)
                         ORDER BY resident_id, word, check_in_id DESC) AS newest),
  'family_wishes', (SELECT coalesce(json_agg(wish ORDER BY user_id), '[]') FROM family_wish AS wish),
  'plans', (SELECT coalesce(json_agg(plan ORDER BY plan_id), '[]') FROM floor_plan AS plan),
  'outputs', (SELECT coalesce(json_agg(output ORDER BY output_id), '[]') FROM output),
  'doorways', (SELECT coalesce(json_agg(doorway ORDER BY doorway_id), '[]') FROM doorway)
)::text;

-- name: get_site
SELECT to_json(site)::text FROM site WHERE site_id = %(id)s;

-- name: get_gateway
SELECT to_json(gateway)::text FROM gateway WHERE gateway_id = %(id)s;

-- name: get_device
SELECT to_json(device)::text FROM device WHERE device_id = %(id)s;

-- name: get_zone
SELECT to_json(zone)::text FROM zone WHERE zone_id = %(id)s;

-- name: get_room
SELECT to_json(room)::text FROM room WHERE room_id = %(id)s;

-- name: get_resident
SELECT to_json(resident)::text FROM resident WHERE resident_id = %(id)s;

-- name: get_contact
SELECT to_json(contact)::text FROM contact WHERE contact_id = %(id)s;

-- name: get_output
SELECT to_json(output)::text FROM output WHERE output_id = %(id)s;

-- name: get_doorway
SELECT to_json(doorway)::text FROM doorway WHERE doorway_id = %(id)s;

-- name: get_badge
SELECT to_json(badge)::text FROM badge WHERE badge_id = %(id)s;

-- name: get_user
SELECT to_json(app_user)::text FROM app_user WHERE user_id = %(id)s;

-- name: add_site
-- The shard never changes: no row comes back where it would.
INSERT INTO site (site_id, name, shard, kind, timezone, address, thresholds)
VALUES (%(site_id)s, %(name)s, %(shard)s, %(kind)s, %(timezone)s, %(address)s, %(thresholds)s)
ON CONFLICT ON CONSTRAINT site_pk DO UPDATE
   SET name = excluded.name, kind = excluded.kind, timezone = excluded.timezone, address = excluded.address,
       thresholds = excluded.thresholds
 WHERE site.shard = excluded.shard
RETURNING site_id;

-- name: add_zone
INSERT INTO zone (zone_id, site_id, name) VALUES (%(zone_id)s, %(site_id)s, %(name)s)
ON CONFLICT ON CONSTRAINT zone_pk DO UPDATE SET name = excluded.name WHERE zone.site_id = excluded.site_id
RETURNING zone_id;

-- name: add_room
INSERT INTO room (room_id, site_id, name, zone_id, use, thresholds)
VALUES (%(room_id)s, %(site_id)s, %(name)s, %(zone_id)s, %(use)s, %(thresholds)s)
ON CONFLICT ON CONSTRAINT room_pk DO UPDATE
   SET name = excluded.name, zone_id = excluded.zone_id, use = excluded.use, thresholds = excluded.thresholds
 WHERE room.site_id = excluded.site_id
RETURNING room_id;

-- name: add_resident
-- The moment of "away" is the database's own, and stays while that is only said again with the rest.
INSERT INTO resident (resident_id, site_id, name, room_id, birth_year, needs, medication, keys, away, away_at)
VALUES (%(resident_id)s, %(site_id)s, %(name)s, %(room_id)s, %(birth_year)s, %(needs)s,
        %(medication)s, %(keys)s, %(away)s, CASE WHEN %(away)s THEN now() END)
ON CONFLICT ON CONSTRAINT resident_pk DO UPDATE
   SET name = excluded.name, room_id = excluded.room_id, birth_year = excluded.birth_year, needs = excluded.needs,
       medication = excluded.medication, keys = excluded.keys,
       away = excluded.away,
       away_at = CASE WHEN resident.away AND excluded.away THEN resident.away_at ELSE excluded.away_at END,
       back_at = CASE WHEN excluded.away THEN NULL ELSE resident.back_at END
 WHERE resident.site_id = excluded.site_id
RETURNING resident_id;

-- name: add_contact
-- The same contact again keeps the account, unless the entry names one.
INSERT INTO contact (contact_id, site_id, name, resident_id, relation, phone, webhook, rank, user_id)
VALUES (%(contact_id)s, %(site_id)s, %(name)s, %(resident_id)s, %(relation)s, %(phone)s, %(webhook)s, %(rank)s,
        %(user_id)s)
ON CONFLICT ON CONSTRAINT contact_pk DO UPDATE
   SET name = excluded.name, resident_id = excluded.resident_id, relation = excluded.relation, phone = excluded.phone,
       webhook = excluded.webhook, rank = excluded.rank, user_id = coalesce(excluded.user_id, contact.user_id)
 WHERE contact.site_id = excluded.site_id
RETURNING contact_id;

-- name: add_gateway
INSERT INTO gateway (gateway_id, site_id, name, revoked) VALUES (%(gateway_id)s, %(site_id)s, %(name)s, %(revoked)s)
ON CONFLICT ON CONSTRAINT gateway_pk DO UPDATE SET name = excluded.name, revoked = excluded.revoked
 WHERE gateway.site_id = excluded.site_id
RETURNING gateway_id;

-- name: revoke_gateway
UPDATE gateway SET revoked = true WHERE gateway_id = %(gateway_id)s RETURNING gateway_id;

-- name: add_device
-- The number stays with the device for ever.
INSERT INTO device (device_id, site_id, gateway_id, kind, profile, name, native, room_id, resident_id, out_of_service,
                    thresholds)
VALUES (%(device_id)s, %(site_id)s, %(gateway_id)s, %(kind)s, %(profile)s, %(name)s, %(native)s, %(room_id)s,
        %(resident_id)s, %(out_of_service)s, %(thresholds)s)
ON CONFLICT ON CONSTRAINT device_pk DO UPDATE
   SET gateway_id = excluded.gateway_id, kind = excluded.kind, profile = excluded.profile, name = excluded.name,
       native = excluded.native, room_id = excluded.room_id, resident_id = excluded.resident_id,
       out_of_service = excluded.out_of_service, thresholds = excluded.thresholds
 WHERE device.site_id = excluded.site_id
RETURNING number;

-- name: move_device
UPDATE device SET room_id = %(room_id)s WHERE device_id = %(device_id)s RETURNING device_id;

-- name: assign_device
UPDATE device SET resident_id = %(resident_id)s WHERE device_id = %(device_id)s RETURNING device_id;

-- name: retire_device
UPDATE device SET out_of_service = true, native = '', room_id = NULL, resident_id = NULL
 WHERE device_id = %(device_id)s
RETURNING device_id;

-- name: set_out_of_service
UPDATE device SET out_of_service = %(out_of_service)s WHERE device_id = %(device_id)s RETURNING device_id;

-- name: set_resident_away
-- Somebody says so: it is true from now on, whatever signs of life said before.
UPDATE resident SET away = %(away)s, away_at = CASE WHEN %(away)s THEN now() END, back_at = NULL
 WHERE resident_id = %(resident_id)s RETURNING resident_id;

-- name: take_away_back
-- Signs of life have ended what was said before them, and nothing that was said since.
UPDATE resident SET away = false, away_at = NULL, back_at = %(back_at)s
 WHERE resident_id = ANY (%(resident_ids)s::text[]) AND away AND away_at <= %(back_at)s RETURNING resident_id;

-- name: set_site_thresholds
UPDATE site SET thresholds = %(thresholds)s WHERE site_id = %(id)s RETURNING site_id;

-- name: set_room_thresholds
UPDATE room SET thresholds = %(thresholds)s WHERE room_id = %(id)s RETURNING room_id;

-- name: set_device_thresholds
UPDATE device SET thresholds = %(thresholds)s WHERE device_id = %(id)s RETURNING device_id;

-- name: add_user
INSERT INTO app_user (user_id, name, role, password_hash, language, site_ids, disabled)
VALUES (%(user_id)s, %(name)s, %(role)s, %(password_hash)s, %(language)s, %(site_ids)s, %(disabled)s)
ON CONFLICT ON CONSTRAINT app_user_pk DO UPDATE
   SET name = excluded.name, role = excluded.role, language = excluded.language, site_ids = excluded.site_ids,
       disabled = excluded.disabled,
       password_hash = CASE excluded.password_hash WHEN '' THEN app_user.password_hash
                                                   ELSE excluded.password_hash END
RETURNING user_id;

-- name: set_user_password
UPDATE app_user SET password_hash = %(password_hash)s WHERE user_id = %(user_id)s RETURNING user_id;

-- name: set_user_disabled
UPDATE app_user SET disabled = %(disabled)s WHERE user_id = %(user_id)s RETURNING user_id;

-- name: get_rota
SELECT to_json(rota)::text FROM rota WHERE rota_id = %(id)s;

-- name: get_policy
SELECT to_json(escalation_policy)::text FROM escalation_policy WHERE policy_id = %(id)s;

-- name: get_window
SELECT to_json(planned_window)::text FROM planned_window WHERE window_id = %(id)s;

-- name: known_people
-- Which of these people there are, and at which sites; no sites: at every one.
SELECT 'user:' || user_id, site_ids FROM app_user WHERE 'user:' || user_id = ANY (%(people)s)
UNION ALL
SELECT 'contact:' || contact_id, ARRAY[site_id] FROM contact WHERE 'contact:' || contact_id = ANY (%(people)s);

-- name: known_rotas
SELECT rota_id FROM rota WHERE site_id = %(site_id)s AND rota_id = ANY (%(rotas)s);

-- name: policies_naming
-- The policies with a step for these words.
SELECT policy_id
  FROM escalation_policy
 WHERE EXISTS (SELECT FROM jsonb_array_elements(steps) AS step WHERE step -> 'who' ? %(word)s)
 ORDER BY policy_id;

-- name: lock_rota
SELECT to_json(rota)::text FROM rota WHERE rota_id = %(id)s FOR UPDATE;

-- name: add_reach
-- The same address again keeps what was answered, and that it has ended, unless the entry says when it was answered.
INSERT INTO reach (person, rank, channel, address, language, answered_at, hourly_limit, ended_at, ended_reason)
VALUES (%(person)s, %(rank)s, %(channel)s, %(address)s, %(language)s, %(answered_at)s, %(hourly_limit)s, %(ended_at)s,
        %(ended_reason)s)
ON CONFLICT ON CONSTRAINT reach_pk DO UPDATE
   SET rank = excluded.rank, language = excluded.language, hourly_limit = excluded.hourly_limit,
       answered_at = coalesce(excluded.answered_at, reach.answered_at),
       ended_at = CASE WHEN excluded.answered_at IS NULL THEN reach.ended_at ELSE excluded.ended_at END,
       ended_reason = CASE WHEN excluded.answered_at IS NULL THEN reach.ended_reason ELSE excluded.ended_reason END
RETURNING person;

-- name: set_reach_answered
-- An answer also says that it has not ended.
UPDATE reach SET answered_at = %(answered_at)s, ended_at = NULL, ended_reason = ''
 WHERE person = %(person)s AND channel = %(channel)s AND address = %(address)s
RETURNING person;

-- name: end_reach
-- The first word about an end stays; another answer than the one that it takes back stands against it.
UPDATE reach SET ended_at = %(ended_at)s, ended_reason = %(ended_reason)s
 WHERE person = %(person)s AND channel = %(channel)s AND address = %(address)s
   AND ended_at IS NULL AND answered_at IS NOT DISTINCT FROM %(answered_at)s
RETURNING person;

-- name: renew_reach
-- Another address in the place of this one; what was answered stays.
UPDATE reach SET address = %(renewed)s, ended_at = NULL, ended_reason = ''
 WHERE person = %(person)s AND channel = %(channel)s AND address = %(address)s
RETURNING person;

-- name: remove_reach
DELETE FROM reach WHERE person = %(person)s AND channel = %(channel)s AND address = %(address)s RETURNING person;

-- name: add_output
INSERT INTO output (output_id, site_id, name, does, gateway_id, native, zone_id, room_id, feeds, feedback_device_id,
                    feedback_signal, feedback_on, feedback_s)
VALUES (%(output_id)s, %(site_id)s, %(name)s, %(does)s, %(gateway_id)s, %(native)s, %(zone_id)s, %(room_id)s, %(feeds)s,
        %(feedback_device_id)s, %(feedback_signal)s, %(feedback_on)s, %(feedback_s)s)
ON CONFLICT ON CONSTRAINT output_pk DO UPDATE
   SET name = excluded.name, does = excluded.does, gateway_id = excluded.gateway_id, native = excluded.native,
       zone_id = excluded.zone_id, room_id = excluded.room_id, feeds = excluded.feeds,
       feedback_device_id = excluded.feedback_device_id, feedback_signal = excluded.feedback_signal,
       feedback_on = excluded.feedback_on, feedback_s = excluded.feedback_s
 WHERE output.site_id = excluded.site_id
RETURNING output_id;

-- name: remove_output
DELETE FROM output WHERE output_id = %(output_id)s RETURNING output_id;

-- name: add_doorway
INSERT INTO doorway (doorway_id, site_id, name, room_id, other_room_id)
VALUES (%(doorway_id)s, %(site_id)s, %(name)s, %(room_id)s, %(other_room_id)s)
ON CONFLICT ON CONSTRAINT doorway_pk DO UPDATE
   SET name = excluded.name, room_id = excluded.room_id, other_room_id = excluded.other_room_id
 WHERE doorway.site_id = excluded.site_id
RETURNING doorway_id;

-- name: remove_doorway
DELETE FROM doorway WHERE doorway_id = %(doorway_id)s RETURNING doorway_id;

-- name: add_badge
INSERT INTO badge (badge_id, site_id, name, user_id) VALUES (%(badge_id)s, %(site_id)s, %(name)s, %(user_id)s)
ON CONFLICT ON CONSTRAINT badge_pk DO UPDATE SET name = excluded.name, user_id = excluded.user_id
 WHERE badge.site_id = excluded.site_id
RETURNING badge_id;

-- name: remove_badge
DELETE FROM badge WHERE badge_id = %(badge_id)s RETURNING badge_id;

-- name: add_rota
INSERT INTO rota (rota_id, site_id, name, layers, overrides)
VALUES (%(rota_id)s, %(site_id)s, %(name)s, %(layers)s, %(overrides)s)
ON CONFLICT ON CONSTRAINT rota_pk DO UPDATE
   SET name = excluded.name, layers = excluded.layers, overrides = excluded.overrides
 WHERE rota.site_id = excluded.site_id
RETURNING rota_id;

-- name: remove_rota
DELETE FROM rota WHERE rota_id = %(rota_id)s RETURNING rota_id;

-- name: add_policy
INSERT INTO escalation_policy (policy_id, site_id, name, kinds, priorities, steps, repeat_s, return_s, acknowledgements,
                               hand_over_s)
VALUES (%(policy_id)s, %(site_id)s, %(name)s, %(kinds)s, %(priorities)s, %(steps)s, %(repeat_s)s, %(return_s)s,
        %(acknowledgements)s, %(hand_over_s)s)
ON CONFLICT ON CONSTRAINT escalation_policy_pk DO UPDATE
   SET name = excluded.name, kinds = excluded.kinds, priorities = excluded.priorities, steps = excluded.steps,
       repeat_s = excluded.repeat_s, return_s = excluded.return_s, acknowledgements = excluded.acknowledgements,
       hand_over_s = excluded.hand_over_s
 WHERE escalation_policy.site_id IS NOT DISTINCT FROM excluded.site_id
RETURNING policy_id;

-- name: remove_policy
DELETE FROM escalation_policy WHERE policy_id = %(policy_id)s RETURNING policy_id;

-- name: add_window
INSERT INTO planned_window (window_id, site_id, begins_at, ends_at, reason, by, kinds, room_id, device_id)
VALUES (%(window_id)s, %(site_id)s, %(begins_at)s, %(ends_at)s, %(reason)s, %(by)s, %(kinds)s, %(room_id)s,
        %(device_id)s)
ON CONFLICT ON CONSTRAINT planned_window_pk DO UPDATE
   SET begins_at = excluded.begins_at, ends_at = excluded.ends_at, reason = excluded.reason, by = excluded.by,
       kinds = excluded.kinds, room_id = excluded.room_id, device_id = excluded.device_id
 WHERE planned_window.site_id = excluded.site_id
RETURNING window_id;

-- name: remove_window
DELETE FROM planned_window WHERE window_id = %(window_id)s RETURNING window_id;

-- name: remove_site
DELETE FROM site WHERE site_id = %(site_id)s RETURNING site_id;

-- name: remove_zone
DELETE FROM zone WHERE zone_id = %(zone_id)s RETURNING zone_id;

-- name: remove_room
DELETE FROM room WHERE room_id = %(room_id)s RETURNING room_id;

-- name: remove_resident
DELETE FROM resident WHERE resident_id = %(resident_id)s RETURNING resident_id;

-- name: remove_contact
DELETE FROM contact WHERE contact_id = %(contact_id)s RETURNING contact_id;

-- name: remove_gateway
DELETE FROM gateway WHERE gateway_id = %(gateway_id)s RETURNING gateway_id;

-- name: remove_device
DELETE FROM device WHERE device_id = %(device_id)s RETURNING device_id;

-- name: remove_reaches_of
DELETE FROM reach WHERE person = %(person)s;

-- name: rotas_naming
-- The rotas with this person in a layer or an override.
SELECT rota_id
  FROM rota
 WHERE EXISTS (SELECT FROM jsonb_array_elements(layers) AS layer WHERE layer -> 'members' ? %(person)s)
    OR EXISTS (SELECT FROM jsonb_array_elements(overrides) AS override
                WHERE %(person)s IN (override ->> 'person', override ->> 'instead_of'))
 ORDER BY rota_id;

-- name: has_readings
SELECT EXISTS (SELECT FROM last_value JOIN device ON device.number = last_value.device_number
                WHERE device.device_id = %(device_id)s);

-- name: other_administrators
-- Enabled accounts that may change everything at every site, without this one.
SELECT count(*) FROM app_user
 WHERE role = %(role)s AND NOT disabled AND site_ids = '{}' AND user_id <> %(user_id)s;

-- name: lock_contact
SELECT to_json(contact)::text FROM contact WHERE contact_id = %(id)s FOR UPDATE;

-- name: link_account
UPDATE contact SET user_id = %(user_id)s WHERE contact_id = %(contact_id)s RETURNING contact_id;

-- name: record_consent
INSERT INTO consent (resident_id, contact_id, share, given, by, recorded_by, at)
VALUES (%(resident_id)s, %(contact_id)s, %(share)s, %(given)s, %(by)s, %(recorded_by)s, %(at)s)
RETURNING consent_id;

-- name: withdraw_consents
-- A contact is removed: nothing is shared with whoever may get the same id later.
INSERT INTO consent (resident_id, contact_id, share, given, by, recorded_by, at)
SELECT resident_id, contact_id, share, false, %(by)s,
       coalesce(nullif(current_setting('anxin.by', true), ''), nullif(current_setting('application_name'), ''),
                current_user), now()
  FROM (SELECT DISTINCT ON (resident_id, share) resident_id, contact_id, share, given
          FROM consent WHERE contact_id = %(contact_id)s ORDER BY resident_id, share, consent_id DESC) AS newest
 WHERE given;

-- name: consent_ledger
-- Every word about one resident, oldest first.
SELECT to_json(consent)::text FROM consent WHERE resident_id = %(resident_id)s ORDER BY consent_id;

-- name: record_check_in
INSERT INTO check_in (resident_id, contact_id, word, at)
VALUES (%(resident_id)s, %(contact_id)s, %(word)s, %(at)s)
RETURNING check_in_id;

-- name: set_family_wish
INSERT INTO family_wish (user_id, quiet_from, quiet_to, digest_at)
VALUES (%(user_id)s, %(quiet_from)s, %(quiet_to)s, %(digest_at)s)
ON CONFLICT ON CONSTRAINT family_wish_pk DO UPDATE
   SET quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, digest_at = excluded.digest_at
RETURNING user_id;

-- name: get_plan
SELECT to_json(floor_plan)::text FROM floor_plan WHERE plan_id = %(id)s;

-- name: add_plan
INSERT INTO floor_plan (plan_id, site_id, zone_id, width, height, rooms, devices, image, media_type)
VALUES (%(plan_id)s, %(site_id)s, %(zone_id)s, %(width)s, %(height)s, %(rooms)s, %(devices)s, %(image)s, %(media_type)s)
ON CONFLICT ON CONSTRAINT floor_plan_pk DO UPDATE
   SET width = excluded.width, height = excluded.height, rooms = excluded.rooms, devices = excluded.devices,
       image = excluded.image, media_type = excluded.media_type
 WHERE floor_plan.site_id = excluded.site_id AND floor_plan.zone_id IS NOT DISTINCT FROM excluded.zone_id
RETURNING plan_id;

-- name: remove_plan
DELETE FROM floor_plan WHERE plan_id = %(plan_id)s RETURNING plan_id;

-- name: rooms_of_floor
-- The rooms of one floor of a site; no floor: those that belong to none.
SELECT room_id FROM room WHERE site_id = %(site_id)s AND zone_id IS NOT DISTINCT FROM %(zone_id)s;

-- name: devices_of_floor
SELECT device_id FROM device JOIN room USING (room_id, site_id)
 WHERE site_id = %(site_id)s AND zone_id IS NOT DISTINCT FROM %(zone_id)s;

-- name: add_plan_image
INSERT INTO plan_image (image, content) VALUES (%(image)s, %(content)s) ON CONFLICT DO NOTHING;

-- name: remove_unused_plan_images
DELETE FROM plan_image WHERE NOT EXISTS (SELECT FROM floor_plan WHERE floor_plan.image = plan_image.image);
