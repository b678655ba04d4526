"""A voice line over Asterisk's REST interface (ARI): the private exchange makes the call, we say what it plays.

Calls are made and prompts are played by HTTP; answers, keys and hang-ups come as events over one WebSocket. What a call
is about stands in a variable of its channel, so that a key pressed after our own restart still counts.
https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
import msgspec
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from alarms.errors import ChannelError
from alarms.notify.voice import Call, CallEvent, CallReport
from ingest.log import Log

_VARIABLE = "ANXIN_CALL"
_FOLDER = "anxin"
_PREFIX = "anxin-"
_THANKS = "thanks"
_TURNS = 3
_ALIVE_S = 10.0
_AGAIN_S = (0.5, 1.0, 2.0, 5.0, 10.0)
_IN_USE = 409
_ENCODE = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """How to reach Asterisk. ``endpoint`` holds ``{number}``, as in ``PJSIP/{number}@trunk``."""

    url: str
    username: str
    password: str
    endpoint: str
    caller_id: str
    ring_s: int
    app: str
    timeout_s: float


@dataclass(slots=True, kw_only=True)
class _Live:
    """A call that has been made: how often it was announced, what is still to be played, whether a key was pressed."""

    call: Call
    turn: int = 0
    playing: set[str] = field(default_factory=set)
    acknowledged: bool = False


class AsteriskLine:
    """Calls by Asterisk; ``heard`` is called from the line's own thread with what becomes of each call."""

    def __init__(self, exchange: Exchange, heard: Callable[[CallReport], None]) -> None:
        self._exchange = exchange
        self._heard = heard
        auth = (exchange.username, exchange.password)
        self._http = httpx.Client(base_url=exchange.url, auth=auth, timeout=exchange.timeout_s, trust_env=False)
        self._live: dict[str, _Live] = {}
        self._stopping = threading.Event()
        self._listening: ClientConnection | None = None
        self._thread = threading.Thread(target=self._listen, name="asterisk", daemon=True)
        self._log = Log("notify")

    @property
    def is_listening(self) -> bool:
        """Asterisk's events reach us; without them an answer would not be heard."""
        return self._listening is not None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._listening is not None:
            self._listening.close()
        if self._thread.is_alive():
            self._thread.join(_ALIVE_S)
        self._http.close()

    def call(self, call: Call) -> str:
        """Originate the call. The same send twice rings once.

        Raises
        ------
        ChannelError
            Asterisk is out of reach or refuses.
        """
        if not self.is_listening:
            raise ChannelError("no event stream from Asterisk: an answer would not be heard", permanent=False)
        channel_id = f"{_PREFIX}{hashlib.sha256(call.send_key.encode()).hexdigest()[:32]}"
        self._live.setdefault(channel_id, _Live(call=call))
        body = {
            "endpoint": self._exchange.endpoint.format(number=call.number),
            "app": self._exchange.app,
            "callerId": self._exchange.caller_id,
            "timeout": self._exchange.ring_s,
            "channelId": channel_id,
            "variables": {_VARIABLE: _ENCODE(call).decode()},
        }
        try:
            answer = self._http.post("channels", json=body)
        except httpx.HTTPError as error:
            raise ChannelError(f"Asterisk: {type(error).__name__}", permanent=False) from error
        if answer.is_success or answer.status_code == _IN_USE:
            return f"ringing, {channel_id}"
        self._live.pop(channel_id, None)
        raise ChannelError(f"Asterisk: HTTP {answer.status_code}", permanent=answer.is_client_error)

    def _listen(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                with self._connect() as events:
                    self._listening, failures = events, 0
                    self._log.info("voice.connected")
                    self._safely(self._resume)
                    for text in events:
                        self._safely(self._take, text)
            except (OSError, WebSocketException) as error:
                self._log.warning("voice.disconnected", error=type(error).__name__)
            finally:
                self._listening = None
            self._stopping.wait(_AGAIN_S[min(failures, len(_AGAIN_S) - 1)])
            failures += 1

    def _connect(self) -> ClientConnection:
        exchange = self._exchange
        url = "ws" + exchange.url.removeprefix("http").rstrip("/")
        login = base64.b64encode(f"{exchange.username}:{exchange.password}".encode()).decode()
        return connect(
            f"{url}/events?app={quote(exchange.app)}",
            additional_headers={"Authorization": f"Basic {login}"},
            open_timeout=exchange.timeout_s,
            ping_interval=_ALIVE_S,
            ping_timeout=_ALIVE_S,
            proxy=None,
        )

    def _safely(self, act: Callable[..., None], *args: object) -> None:
        try:
            act(*args)
        except Exception:  # noqa: BLE001 - one event that we do not understand must not end the line
            self._log.exception("voice.event_broke")

    def _resume(self) -> None:
        """Speak again to those who have picked up and heard nothing while we were away."""
        for channel in self._http.get("channels").raise_for_status().json():
            if channel["id"].startswith(_PREFIX) and channel["state"] == "Up":
                self._announce(channel["id"], 1)

    def _take(self, text: str | bytes) -> None:
        match msgspec.json.decode(text):
            case {"type": "StasisStart", "channel": {"id": str(channel_id)}}:
                self._report(channel_id, CallEvent.ANSWERED)
                self._announce(channel_id, 1)
            case {"type": "ChannelDtmfReceived", "digit": "1", "channel": {"id": str(channel_id)}}:
                self._acknowledge(channel_id)
            case {"type": "PlaybackFinished", "playback": {"id": str(name), "state": str(state)}}:
                if state == "failed":
                    self._log.warning("voice.prompt_missing", playback=name)
                self._played(name)
            case {"type": "ChannelDestroyed", "channel": {"id": str(channel_id)}, **more}:
                if channel_id in self._live:
                    self._report(channel_id, CallEvent.ENDED, str(more.get("cause_txt", "")))
                    del self._live[channel_id]

    def _report(self, channel_id: str, event: CallEvent, detail: str = "") -> None:
        if live := self._find(channel_id):
            call = live.call
            self._heard(CallReport(send_key=call.send_key, alarm_id=call.alarm_id, event=event, detail=detail))

    def _find(self, channel_id: str) -> _Live | None:
        """What a channel is about: remembered, or asked of Asterisk after a restart of ours."""
        if channel_id not in self._live:
            answer = self._http.get(f"channels/{channel_id}/variable", params={"variable": _VARIABLE})
            if not answer.is_success:
                return None
            self._live[channel_id] = _Live(call=msgspec.json.decode(answer.json()["value"], type=Call))
        return self._live[channel_id]

    def _announce(self, channel_id: str, turn: int) -> None:
        """Everything once, in every language."""
        live = self._find(channel_id)
        if live is None or live.acknowledged:
            return
        live.turn = turn
        for said in live.call.announcements:
            self._play(live, f"{channel_id}.{turn}.{said.language}", said.language, said.prompts)

    def _acknowledge(self, channel_id: str) -> None:
        live = self._find(channel_id)
        if live is None or live.acknowledged:
            return
        live.acknowledged = True
        self._report(channel_id, CallEvent.ACKNOWLEDGED)
        unheard, live.playing = live.playing, set()
        for name in unheard:
            self._http.delete(f"playbacks/{name}")
        self._play(live, f"{channel_id}.{_THANKS}", live.call.announcements[0].language, (_THANKS,))

    def _played(self, name: str) -> None:
        """After the last of a turn the next one; after the last turn, or the thanks, the end of the call."""
        channel_id, _, rest = name.partition(".")
        live = self._find(channel_id)
        if live is None:
            return
        live.playing.discard(name)
        if rest == _THANKS or (not live.playing and not live.acknowledged and live.turn >= _TURNS):
            self._http.delete(f"channels/{channel_id}")
        elif not live.playing and not live.acknowledged:
            self._announce(channel_id, live.turn + 1)

    def _play(self, live: _Live, name: str, language: str, prompts: tuple[str, ...]) -> None:
        media = [
            f"characters:{prompt.removeprefix('spell:')}"
            if prompt.startswith("spell:")
            else f"sound:{_FOLDER}/{prompt}"
            for prompt in prompts
        ]
        live.playing.add(name)
        channel_id = name.partition(".")[0]
        self._http.post(f"channels/{channel_id}/play/{name}", params={"media": ",".join(media), "lang": language})
