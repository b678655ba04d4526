"""What the pages about setting up say of things and of mistakes, marked for translation."""

from __future__ import annotations

from console.language import N_

WHATS: dict[str, str] = {
    "site": N_("site"),
    "zone": N_("floor"),
    "room": N_("room"),
    "resident": N_("resident"),
    "contact": N_("contact"),
    "gateway": N_("gateway"),
    "device": N_("device"),
    "user": N_("account"),
    "badge": N_("badge"),
    "reach": N_("channel"),
    "policy": N_("escalation policy"),
    "rota": N_("rota"),
    "window": N_("planned window"),
    "wish": N_("wishes of a relative"),
}
"""The registry's own names of things."""

REFUSALS: dict[str, str] = {
    "empty": N_("Fill this in."),
    "nobody_named": N_("Nobody is named: choose at least one."),
    "too_long": N_("Too long: at most %(most)s characters."),
    "no_number": N_("%(value)s is no number: use digits only."),
    "no_date": N_("This is no date. Write it like 2026-03-01."),
    "no_time": N_("This is no time of day. Write it like 20:00."),
    "no_moment": N_("Give a date and a time, like 2026-03-01 20:00."),
    "out_of_range": N_("It must be from %(least)s to %(most)s."),
    "below_one": N_("It must be 1 or more; 1 is the first."),
    "not_listed": N_("%(value)s is not in the list any more. Choose another one."),
    "no_id": N_("Use no spaces here."),
    "no_topic_id": N_("Use 1 to 64 letters, digits, dots, colons, - and _ only; no spaces and no Chinese characters."),
    "no_person": N_("%(value)s is nobody whom this home knows. Choose a person."),
    "no_channel": N_("%(value)s is no channel. Channels have names like voice or web_push."),
    "no_phone": N_("This is no telephone number: use digits, and + before a country code."),
    "no_webhook": N_("A webhook's address begins with https:// (or http:// inside your own network)."),
    "no_native": N_("Write the family, a colon and the device's own name, like zigbee2mqtt:SOS bedroom."),
    "no_time_zone": N_("The time zone is missing."),
    "no_local_time": N_("Give a time of day in whole seconds."),
    "unknown_time_zone": N_("There is no time zone %(value)s. Use a name like Asia/Shanghai."),
    "ends_early": N_("The end must come after the begin."),
    "window_too_long": N_("Planned work lasts at most %(days)s days. Plan another one for the rest."),
    "own_stand_in": N_("Nobody can stand in for themselves. Choose another person."),
    "no_weekday": N_("Choose at least one day of the week."),
    "nobodys_badge": N_("Give the badge a name, or choose the account whose it is."),
    "emergency_untold": N_("An emergency must be told to somebody: add a step, or leave Emergency out."),
    "emergency_forgotten": N_("A forgotten emergency must come back: say after how many seconds."),
    "rota_of_every_site": N_("A policy for every site cannot name one site's rota. Choose everybody on duty."),
    "range_backwards": N_("%(part)s ends before it begins. Write the smaller number first."),
    "too_many": N_("%(part)s gives too many rooms: at most 500 at once."),
    "names_taken": N_("There are rooms of this name already: %(names)s."),
    "reserved": N_("This id belongs to the platform itself. Choose another one."),
    "reserved_account": N_("This name belongs to a program of the platform. Choose another one."),
    "id_taken": N_("There is one with this id already: %(entry_id)s. Choose another id."),
    "native_taken": N_("Another device of this gateway has this name already. Names must differ."),
    "unknown": N_("There is no such %(what)s at this site any more. Choose another one."),
    "other_site": N_("This id is used at another site. Choose another one."),
    "shard_fixed": N_("This site's place in the message system never changes."),
    "not_of_site": N_("%(entry_id)s does not belong to this site. Choose somebody who does."),
    "itself": N_("A device cannot take its own place. Give the new device's id."),
    "attached": N_(
        "It cannot be removed: there is still a %(attached)s that belongs to it. Move or remove that first."
    ),
    "named": N_("It cannot be removed: %(by)s %(names)s names it. Change that first."),
    "not_revoked": N_("It may still speak. Revoke it first, then remove it."),
    "has_readings": N_("It has reported readings, which must stay its own. Put it out of service instead."),
    "changed_meanwhile": N_(
        "Somebody else has changed this since you opened it. Their values stand beside yours. Save again to keep yours."
    ),
    "removed_meanwhile": N_("Somebody else has removed this meanwhile. Save again to add it anew."),
    "own_role": N_("Nobody changes their own role. Ask another administrator."),
    "own_sites": N_("Nobody changes their own sites. Ask another administrator."),
    "own_access": N_("Nobody ends their own access. Ask another administrator."),
    "beyond_own_sites": N_("You may only give sites that are yours. Choose at least one of them."),
    "last_administrator": N_(
        "This is the last administrator of every site. Make somebody else administrator of every site first."
    ),
    "short_password": N_("A password has at least %(least)s characters."),
    "other_password": N_("The two passwords are not the same. Type them again."),
    "wrong_password": N_("The present password is wrong."),
    "one_end": N_("Say both when it becomes quiet and until when."),
    "in_quiet_hours": N_("This is within the quiet hours. Choose another time."),
    "no_family": N_("Only an account with the role Family can be linked to a contact."),
    "about_nobody": N_("Say first which resident this contact belongs to."),
    "not_theirs": N_("This contact does not belong to this resident any more. Reload the page."),
    "broker_away": N_("The broker does not answer, so it was not shut out. Try again in a moment."),
    "database_away": N_(
        "The database does not answer, so nothing was saved. What you typed is still here: try again in a moment."
    ),
    "conflict": N_("It contradicts what is there already. Reload the page and look at it again."),
}
"""The codes of the registry's errors and of the forms' own."""

FIELDS: dict[str, str] = {
    "name": N_("Name"),
    "kind": N_("Kind"),
    "address": N_("Address"),
    "timezone": N_("Time zone"),
    "zone_id": N_("Floor"),
    "room_id": N_("Room"),
    "resident_id": N_("Resident"),
    "gateway_id": N_("Gateway"),
    "device_id": N_("Device"),
    "user_id": N_("Account"),
    "birth_year": N_("Year of birth"),
    "needs": N_("Needs"),
    "away": N_("Away"),
    "relation": N_("Relation"),
    "phone": N_("Telephone"),
    "webhook": N_("Webhook"),
    "rank": N_("Place in the order"),
    "profile": N_("Profile"),
    "native": N_("Name at the adapter"),
    "out_of_service": N_("Out of service"),
    "revoked": N_("Revoked"),
    "role": N_("Role"),
    "site_ids": N_("Sites"),
    "language": N_("Language"),
    "disabled": N_("Disabled"),
    "password_hash": N_("Password"),
    "layers": N_("Layers"),
    "overrides": N_("Stand-ins"),
    "steps": N_("Steps"),
    "kinds": N_("Kinds"),
    "priorities": N_("Priorities"),
    "begins_at": N_("From"),
    "ends_at": N_("To"),
    "reason": N_("What is planned"),
    "answered_at": N_("Test answered"),
    "ended_at": N_("Ended"),
    "quiet_from": N_("Quiet from"),
    "quiet_to": N_("Quiet until"),
    "digest_at": N_("Time of the daily news"),
}
"""Parts of an entry, where its changes are told; others keep the registry's own name."""

SHORT_DAYS: tuple[str, ...] = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
"""From Monday on, as ``datetime.weekday`` counts."""
