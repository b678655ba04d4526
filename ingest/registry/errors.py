"""Errors of the registry. The text is for the command line; ``code`` and ``facts`` are for words in any language."""

from __future__ import annotations

import msgspec

from ingest.errors import IngestError


class RegistryError(IngestError):
    """Root of the registry's errors.

    Attributes
    ----------
    code : str
        A stable name of the reason: ``native_taken``, ``out_of_range`` …
    field : str
        The part of the entry that it is about: ``layers[1].members``; empty: the entry as a whole.
    facts : dict
        What a sentence about it may need.
    """

    def __init__(self, said: str, code: str, field: str = "", **facts: object) -> None:
        super().__init__(said)
        self.code = code
        self.field = field
        self.facts = facts


class UnknownEntryError(RegistryError):
    """What is named does not exist, or not at this site.

    Attributes
    ----------
    what : str
        ``site``, ``room``, ``gateway`` …
    entry_id : str
        The id that was given.
    """

    def __init__(self, what: str, entry_id: str) -> None:
        super().__init__(f"unknown {what}: {entry_id!r}", "unknown", f"{what}_id", what=what, entry_id=entry_id)
        self.what = what
        self.entry_id = entry_id


class ConflictingEntryError(RegistryError):
    """It would contradict what the registry holds: a site's other shard, a device name that is taken …"""

    def __init__(self, said: str, code: str = "conflict", field: str = "", **facts: object) -> None:
        super().__init__(said, code, field, **facts)


class AttachedEntryError(ConflictingEntryError):
    """It cannot be removed while something belongs to it.

    Attributes
    ----------
    attached : str
        What belongs to it: ``device``, ``resident`` …
    """

    def __init__(self, what: str, entry_id: str, attached: str) -> None:
        said = f"{what} {entry_id} still has a {attached}: move or remove that first"
        super().__init__(said, "attached", "", what=what, entry_id=entry_id, attached=attached)
        self.attached = attached


class OutdatedEntryError(ConflictingEntryError):
    """Somebody else has changed it since it was read.

    Attributes
    ----------
    current : Struct or None
        As it is now; None: it was removed.
    """

    def __init__(self, what: str, entry_id: str, current: msgspec.Struct | None) -> None:
        gone = current is None
        said = f"{what} {entry_id} was {'removed' if gone else 'changed'} meanwhile"
        super().__init__(said, "removed_meanwhile" if gone else "changed_meanwhile", what=what, entry_id=entry_id)
        self.current = current


class InvalidEntryError(RegistryError):
    """What is given cannot be so.

    Attributes
    ----------
    what, entry_id : str
        The entry: ``rota``, ``night``.
    """

    def __init__(self, what: str, entry_id: str, field: str, code: str, why: str, **facts: object) -> None:
        super().__init__(f"{what} {entry_id}: {field}: {why}", code, field, **facts)
        self.what = what
        self.entry_id = entry_id
