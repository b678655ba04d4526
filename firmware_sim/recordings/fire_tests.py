"""The recorded fires of a folder: a set is known by its arrays, so its files may have any name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from firmware_sim.errors import RecordingError
from firmware_sim.recordings import fsri, nist_smoke, smoke_iot
from firmware_sim.recordings.archive import array_names
from firmware_sim.recordings.fire_test import FireTest

FOLDERS = ("nist_smoke", "fsri_room", "fsri_hvac", "fsri_house", "smoke_iot", "broadnet_arc", "tracebase")
"""A file that lies in a folder of such a name must be one of ours; elsewhere others are passed over."""

ARCS = ("features", "arcing")
APPLIANCES = ("watts", "appliance")

_READERS: tuple[tuple[tuple[str, ...], Callable[[Path], Iterable[FireTest]]], ...] = (
    (nist_smoke.NEEDED, lambda path: [nist_smoke.read_test(path)]),
    (fsri.NEEDED, lambda path: [fsri.read_test(path)]),
    (smoke_iot.NEEDED, smoke_iot.read_sessions),
)


class FireFiles:
    """The files of a folder or of the folders in it: fires, features of arcs, days of appliances.

    ``problems`` has a line for each that cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.tests: list[FireTest] = []
        self.arcs: list[Path] = []
        self.appliances: list[Path] = []
        self.problems: list[str] = []
        for path in sorted([*folder.glob("*.npz"), *folder.glob("*/*.npz")]):
            try:
                self._open(path, ours=path.parent == folder or path.parent.name in FOLDERS)
            except RecordingError as error:
                if path.parent == folder or path.parent.name in FOLDERS:
                    self.problems.append(str(error))

    def _open(self, path: Path, *, ours: bool) -> None:
        there = array_names(path)
        for needed, read in _READERS:
            if there.issuperset(needed):
                self.tests += read(path)
                return
        if there.issuperset(ARCS):
            self.arcs.append(path)
        elif there.issuperset(APPLIANCES):
            self.appliances.append(path)
        elif ours:
            raise RecordingError(
                f"{path} is no recording of a fire, of arcs or of appliances: it has {', '.join(sorted(there))}; take "
                "it away, or write it as docs/fire.md says"
            )
