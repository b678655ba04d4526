"""The pictures of floor plans: kept in PostgreSQL, and each as a file here, so that plans show without it.

A file's name is the SHA-256 of its content, so a file never becomes wrong; several consoles may share the folder.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from console.database import Database
from console.errors import DatabaseAwayError
from ingest.log import Log
from ingest.registry.model import Registry

_LOOK_S = 1.0
_RETRY_S = 15.0


class Pictures:
    """``run`` fetches what the registry names and is not here yet, and drops what it names no more."""

    def __init__(self, folder: Path, database: Database, registry: Callable[[], Registry]) -> None:
        self._folder = folder
        self._database = database
        self._registry = registry
        self._log = Log("console")

    async def read(self, image: str) -> bytes:
        """A picture's bytes.

        Raises
        ------
        DatabaseAwayError
            It is neither here, nor can it be fetched.
        """
        content = await asyncio.to_thread(self._read, image)
        return content if content is not None else await self._fetch(image)

    async def keep(self, image: str, content: bytes) -> None:
        """Write it down here; where the disk refuses, it is fetched whenever it is asked for."""
        await asyncio.to_thread(self._write, image, content)

    async def run(self) -> None:
        """Until cancelled."""
        seen: Registry | None = None
        while True:
            registry = self._registry()
            wait_s = _LOOK_S
            if registry is not seen and registry.version > 0:
                wanted = {plan.image for plan in registry.plans if plan.image is not None}
                try:
                    await self._follow(wanted)
                    seen = registry
                except DatabaseAwayError:
                    wait_s = _RETRY_S
            await asyncio.sleep(wait_s)

    async def _follow(self, wanted: set[str]) -> None:
        here = await asyncio.to_thread(self._here)
        for image in sorted(wanted - here):
            await self._fetch(image)
        for image in here - wanted:
            await asyncio.to_thread((self._folder / image).unlink, missing_ok=True)

    async def _fetch(self, image: str) -> bytes:
        rows = await self._database.fetch("plan_image", {"image": image})
        if not rows:
            raise DatabaseAwayError  # not there yet: the registry's news may be ahead of a standby
        content = bytes(rows[0]["content"])
        await self.keep(image, content)
        return content

    def _here(self) -> set[str]:
        try:
            return {file.name for file in self._folder.iterdir() if "." not in file.name}
        except OSError:
            return set()

    def _read(self, image: str) -> bytes | None:
        try:
            content = (self._folder / image).read_bytes()
        except OSError:
            return None
        return content if sha256(content).hexdigest() == image else None

    def _write(self, image: str, content: bytes) -> None:
        part = self._folder / f"{image}.{os.getpid()}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(content)
            part.replace(self._folder / image)
        except OSError as error:
            self._log.warning("plans.not_kept", image=image, error=error)
