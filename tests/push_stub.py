"""A push service with its phones on loopback: it takes Web Push as browsers' services do, and opens what it takes.

Written from RFC 8030 (the request), RFC 8188 and 8291 (the encryption) and RFC 8292 (who sends), with nothing of the
libraries that the product uses for them.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LONGEST_BODY = 4096
LONGEST_LIFE_S = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """One message as the phone shows it."""

    message: dict[str, Any]
    ttl_s: int
    urgency: str
    topic: str


class Phone:
    """One browser: its keys, what it shows now (a newer message replaces an older one of its topic), and all it got."""

    def __init__(self, number: int, origin: str) -> None:
        self.endpoint = f"{origin}/push/{number}"
        self.gone = False
        self.got: list[Pushed] = []
        self.shown: dict[str, Pushed] = {}
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = secrets.token_bytes(16)

    @property
    def subscription(self) -> str:
        """As ``JSON.stringify(subscription)`` gives it in a browser."""
        keys = {"p256dh": encode64(public_point(self._key.public_key())), "auth": encode64(self._auth)}
        return json.dumps({"endpoint": self.endpoint, "expirationTime": None, "keys": keys})

    def open(self, body: bytes) -> bytes:
        return open_push(body, self._key, self._auth)


class PushService:
    """``subscribe()`` gives a phone; ``answers`` are status codes to give first; ``refusals`` says what was wrong,
    ``bodies`` are what came over the wire."""

    def __init__(self) -> None:
        self.phones: dict[str, Phone] = {}
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.refusals: list[str] = []
        self.bodies: list[bytes] = []
        self.senders: set[str] = set()
        self._lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with service._lock:
                    status, more = service._take(self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                del format, args

        class Server(ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.origin = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def subscribe(self) -> Phone:
        phone = Phone(len(self.phones) + 1, self.origin)
        self.phones[phone.endpoint.removeprefix(self.origin)] = phone
        return phone

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        self.bodies.append(body)
        if self.answers:
            return self.answers.pop(0)
        phone = self.phones.get(path)
        if phone is None or phone.gone:
            return 410, {}
        try:
            self.senders.add(check_sender(headers["Authorization"], self.origin))
            pushed = _pushed(phone, headers, body)
        except (KeyError, ValueError) as error:
            self.refusals.append(repr(error))
            return 400, {}
        phone.got.append(pushed)
        phone.shown[pushed.topic] = pushed
        return 201, {"Location": f"{self.origin}/message/{len(phone.got)}"}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def open_push(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """Decrypt one record of aes128gcm (RFC 8291 §3.4)."""
    if len(body) > LONGEST_BODY:
        raise ValueError("longer than a push service takes")
    salt, id_length = body[:16], body[20]
    sender, sealed = body[21 : 21 + id_length], body[21 + id_length :]
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    info = b"WebPush: info\0" + public_point(key.public_key()) + sender
    keying = _hkdf(auth, shared, info, 32)
    content_key = _hkdf(salt, keying, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _hkdf(salt, keying, b"Content-Encoding: nonce\0", 12)
    padded = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\0")
    if padded[-1:] != b"\x02":
        raise ValueError("not the last record")
    return padded[:-1]


def check_sender(authorization: str, audience: str) -> str:
    """The sender's public key, when its token is in order (RFC 8292 §2, §3)."""
    scheme, _, rest = authorization.partition(" ")
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    signed, _, signature = fields["t"].rpartition(".")
    raw = decode64(signature)
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode64(fields["k"]))
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    point.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    claims = json.loads(decode64(signed.partition(".")[2]))
    if scheme != "vapid" or claims["aud"] != audience or not claims["sub"].startswith(("mailto:", "https:")):
        raise ValueError(f"not for us: {claims}")
    if not 0 < claims["exp"] - time.time() <= LONGEST_LIFE_S:
        raise ValueError(f"it ends at the wrong time: {claims}")
    return fields["k"]


def public_point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encode64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _pushed(phone: Phone, headers: dict[str, str], body: bytes) -> Pushed:
    if headers["Content-Encoding"] != "aes128gcm":
        raise ValueError("not aes128gcm")
    if headers["Urgency"] not in ("very-low", "low", "normal", "high") or len(headers["Topic"]) > 32:
        raise ValueError("a wrong Urgency or Topic")
    message = json.loads(phone.open(body))
    return Pushed(message=message, ttl_s=int(headers["TTL"]), urgency=headers["Urgency"], topic=headers["Topic"])


def _hkdf(salt: bytes, keying: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(keying)
