"""How often each profile's devices speak, as rows for the boards."""

from __future__ import annotations

from alarms.core.profiles import Profile, Profiles
from alarms.core.rules import RuleType
from alarms.projection.rows import Row


def supervision_rows(profiles: Profiles) -> list[Row]:
    """Parameters of ``write_supervision``, one row per profile; NULLs for one that is not supervised."""
    found = [profile for name in profiles.names if (profile := profiles.profile(name)) is not None]
    return [_row(profile) for profile in found]


def _row(profile: Profile) -> Row:
    rule = next((rule for rule in profile.rules if rule.type is RuleType.SILENT), None)
    heartbeat_s, offline_after_s = profile.heartbeat_s, None
    if rule is None or heartbeat_s is None:
        heartbeat_s = None
    else:
        heartbeat_s = float(rule.parameters["heartbeat_s"]) or heartbeat_s
        offline_after_s = heartbeat_s * float(rule.parameters["missed"]) + float(rule.parameters["grace_s"])
    return {"profile": profile.name, "heartbeat_s": heartbeat_s, "offline_after_s": offline_after_s}
