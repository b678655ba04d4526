"""Takes a certificate that was renewed on disk, without a restart: new connections get it, open ones go on."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509

from console.errors import CertificateError
from console.tls.pair import faults, read_pair
from ingest.log import Log

LOOKED_AT_EVERY_S = 5.0


class Follower:
    """Follows two files. What cannot be served is told once, and the certificate before it stays.

    ``context`` is the server's for its whole life: it hands every connection over to that of the newest certificate.
    """

    def __init__(self, certificate: Path, key: Path, log: Log) -> None:
        self._certificate = certificate
        self._key = key
        self._log = log
        self._stamp: object = None
        self._trouble = ""
        self._newest = self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.sni_callback = self._hand_over

    def start(self, now: datetime) -> None:
        """Take the certificate for the first time.

        Raises
        ------
        CertificateError
            It cannot be served. One that browsers refuse is served all the same, and told: its pages can be read.
        """
        stamp = self._read_stamp()
        own = self._take()
        self._stamp = stamp
        for fault in faults(own, now):
            self._log.error("certificate.refused_by_browsers", reason=fault)

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOKED_AT_EVERY_S)
            self.look()

    def look(self) -> bool:
        """Take the files when they have changed; True when they were taken."""
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return False
        try:
            own = self._take()
        except CertificateError as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                self._log.error("certificate.not_taken", reason=error)
            return False
        self._stamp, self._trouble = stamp, ""
        self._log.info("certificate.taken", ends_at=own.not_valid_after_utc.isoformat())
        return True

    def _take(self) -> x509.Certificate:
        own = read_pair(self._certificate, self._key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self._certificate, self._key)
        except OSError as error:  # an error of TLS is one too
            raise CertificateError(f"{self._certificate} cannot be served: {error}") from error
        self._newest = context
        return own

    def _hand_over(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self._newest

    def _read_stamp(self) -> object:
        """What tells the files from those of before; None while one of them is away."""
        try:
            stats = (self._certificate.stat(), self._key.stat())
        except OSError:
            return None
        return [(stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in stats]
