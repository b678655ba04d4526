"""What an entry of a home must be like by itself: site, zone, room, resident, contact, gateway, device, user. Pure."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.registry.checks import LANGUAGES
from ingest.registry.entry_check import EntryCheck
from ingest.registry.model import (
    OUTPUT_DOES,
    ROOM_USES,
    Badge,
    Contact,
    Device,
    Doorway,
    Gateway,
    Output,
    Resident,
    Room,
    Site,
    User,
    Zone,
)
from ingest.wire.signals import SIGNALS, SignalClass
from ingest.wire.topics import valid_id

FIRST_BIRTH_YEAR = 1880
LAST_BIRTH_YEAR = 2100
LONGEST_NAME = 200
LONGEST_FEEDBACK_S = 600.0
FEEDBACK_SIGNALS = tuple(one.name for one in SIGNALS if one.of is SignalClass.STATE)
"""What is true or false until told otherwise may say that an output has moved; ``:2`` behind it is the second one."""
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{0,28}[0-9]")
_WEBHOOK = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)


def check_site(site: Site) -> None:
    """Raise InvalidEntryError where a site is wrong."""
    check = EntryCheck("site", site.site_id)
    _check_id(check, "site_id", site.site_id)
    _check_name(check, site.name)
    try:
        ZoneInfo(site.timezone)
        known = True
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = False
    said = f"{site.timezone!r} is no known time zone: use a name such as Asia/Shanghai"
    check.that(known, "timezone", "unknown_time_zone", said, value=site.timezone)


def check_zone(zone: Zone) -> None:
    _check_place("zone", zone.zone_id, zone.name)


def check_room(room: Room) -> None:
    check = _check_place("room", room.room_id, room.name)
    if room.use is not None:
        check.listed("use", room.use, ROOM_USES)


def check_resident(resident: Resident) -> None:
    check = _check_place("resident", resident.resident_id, resident.name)
    if resident.birth_year is not None:
        check.within("birth_year", resident.birth_year, FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR)


def check_contact(contact: Contact) -> None:
    """Raise InvalidEntryError where a contact is wrong; the webhook's address is not repeated in what it says."""
    check = _check_place("contact", contact.contact_id, contact.name)
    said = f"{contact.phone!r} is no telephone number: use digits, and + before a country code"
    known = not contact.phone or _PHONE.fullmatch(contact.phone) is not None
    check.that(known, "phone", "no_phone", said, value=contact.phone)
    known = not contact.webhook or _WEBHOOK.fullmatch(contact.webhook) is not None
    check.that(known, "webhook", "no_webhook", "it begins with https:// or, inside your own network, http://")
    check.that(contact.rank >= 1, "rank", "below_one", f"{contact.rank} is below 1, which is the first")


def check_gateway(gateway: Gateway) -> None:
    _check_id(EntryCheck("gateway", gateway.gateway_id), "gateway_id", gateway.gateway_id)


def check_device(device: Device) -> None:
    check = EntryCheck("device", device.device_id)
    _check_id(check, "device_id", device.device_id)
    family, _, name = device.native.partition(":")
    said = f"{device.native!r} is no native name: write family:name, such as zigbee2mqtt:SOS bedroom"
    check.that(not device.native or bool(family and name), "native", "no_native", said, value=device.native)


def check_user(user: User) -> None:
    check = EntryCheck("user", user.user_id)
    check.id("user_id", user.user_id)
    _check_name(check, user.name)
    check.listed("language", user.language, LANGUAGES)


def check_badge(badge: Badge) -> None:
    """A badge must be one that a topic may carry, as a button says it, and somebody's or called something."""
    check = EntryCheck("badge", badge.badge_id)
    _check_id(check, "badge_id", badge.badge_id)
    said = "say a name, or the account whose it is (user_id)"
    check.that(bool(badge.name.strip()) or badge.user_id is not None, "name", "nobodys_badge", said)


def check_output(output: Output) -> None:
    """Raise InvalidEntryError where an output is wrong."""
    check = _check_place("output", output.output_id, output.name)
    check.listed("does", output.does, OUTPUT_DOES)
    family, _, name = output.native.partition(":")
    said = f"{output.native!r} is no native name: write family:name, such as zigbee2mqtt:Door relay"
    check.that(bool(family and name), "native", "no_native", said, value=output.native)
    is_whole = (output.feedback_device_id is None) == (output.feedback_signal == "")
    said = "name the device that says whether it has moved, and its signal, or neither"
    check.that(is_whole, "feedback_signal", "half_feedback", said)
    if output.feedback_signal:
        check.listed("feedback_signal", output.feedback_signal.partition(":")[0], FEEDBACK_SIGNALS)
        check.within("feedback_s", output.feedback_s, 1.0, LONGEST_FEEDBACK_S, " s")


def check_doorway(doorway: Doorway) -> None:
    """Raise InvalidEntryError where a doorway is wrong: it lies between two rooms."""
    check = _check_place("doorway", doorway.doorway_id, doorway.name)
    said = "a door leads from one room into another one"
    check.that(doorway.room_id != doorway.other_room_id, "other_room_id", "same_room", said)


def _check_place(what: str, entry_id: str, name: str) -> EntryCheck:
    check = EntryCheck(what, entry_id)
    check.id(f"{what}_id", entry_id)
    _check_name(check, name)
    return check


def _check_id(check: EntryCheck, field: str, entry_id: str) -> None:
    said = "use 1 to 64 letters, digits, . _ : and - only"
    check.that(valid_id(entry_id), field, "no_topic_id", said, value=entry_id)


def _check_name(check: EntryCheck, name: str) -> None:
    check.given("name", name, "give a name")
    said = f"it is longer than {LONGEST_NAME} characters"
    check.that(len(name) <= LONGEST_NAME, "name", "too_long", said, most=LONGEST_NAME)
