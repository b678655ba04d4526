-- name: version
SELECT version FROM registry_version;

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
  'users', (SELECT coalesce(json_agg(app_user ORDER BY user_id), '[]') FROM app_user)
)::text;

-- name: get_site
SELECT to_json(site)::text FROM site WHERE site_id = %(id)s;

-- name: get_gateway
SELECT to_json(gateway)::text FROM gateway WHERE gateway_id = %(id)s;

-- name: get_device
SELECT to_json(device)::text FROM device WHERE device_id = %(id)s;

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
INSERT INTO room (room_id, site_id, name, zone_id, thresholds)
VALUES (%(room_id)s, %(site_id)s, %(name)s, %(zone_id)s, %(thresholds)s)
ON CONFLICT ON CONSTRAINT room_pk DO UPDATE
   SET name = excluded.name, zone_id = excluded.zone_id, thresholds = excluded.thresholds
 WHERE room.site_id = excluded.site_id
RETURNING room_id;

-- name: add_resident
INSERT INTO resident (resident_id, site_id, name, room_id, birth_year, needs, away)
VALUES (%(resident_id)s, %(site_id)s, %(name)s, %(room_id)s, %(birth_year)s, %(needs)s, %(away)s)
ON CONFLICT ON CONSTRAINT resident_pk DO UPDATE
   SET name = excluded.name, room_id = excluded.room_id, birth_year = excluded.birth_year, needs = excluded.needs,
       away = excluded.away
 WHERE resident.site_id = excluded.site_id
RETURNING resident_id;

-- name: add_contact
INSERT INTO contact (contact_id, site_id, name, resident_id, relation, phone, webhook, rank)
VALUES (%(contact_id)s, %(site_id)s, %(name)s, %(resident_id)s, %(relation)s, %(phone)s, %(webhook)s, %(rank)s)
ON CONFLICT ON CONSTRAINT contact_pk DO UPDATE
   SET name = excluded.name, resident_id = excluded.resident_id, relation = excluded.relation, phone = excluded.phone,
       webhook = excluded.webhook, rank = excluded.rank
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
UPDATE resident SET away = %(away)s WHERE resident_id = %(resident_id)s RETURNING resident_id;

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
