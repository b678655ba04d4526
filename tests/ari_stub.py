"""An Asterisk for tests: it speaks what a call needs of its REST interface (ARI), and people use its telephones.

Written from Asterisk's own interface description (``rest-api/api-docs/{channels,playbacks,events}.json``).
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import uvicorn
from fastapi import FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect

NORMAL, BUSY, NO_ANSWER = (16, "Normal Clearing"), (17, "User busy"), (19, "User alerting, no answer")


@dataclass
class Line:
    """One channel: what it was originated with, what is playing and waiting, and what was played to its end."""

    channel_id: str
    endpoint: str
    caller_id: str
    ring_s: int
    variables: dict[str, str]
    state: str = "Ringing"
    queue: list[tuple[str, str, str]] = field(default_factory=list)  # name, language, media
    heard: list[str] = field(default_factory=list)

    @property
    def snapshot(self) -> dict[str, Any]:
        return {"id": self.channel_id, "name": f"{self.endpoint}-00000001", "state": self.state, "language": "en"}


class AriStub:
    """``lines`` by channel id; ``refuse`` is a status to give to the next originate."""

    def __init__(self, username: str = "anxin", password: str = "secret", app: str = "anxin") -> None:
        self.lines: dict[str, Line] = {}
        self.originated = 0
        self.refuse: int | None = None
        self.turned_away = 0
        self._app = app
        self._login = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
        self._sockets: list[WebSocket] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server = uvicorn.Server(
            uvicorn.Config(self._routes(), host="127.0.0.1", port=0, log_config=None, lifespan="off")
        )
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def listeners(self) -> int:
        return len(self._sockets)

    def answer(self, line: Line) -> None:
        """Somebody picks up."""
        line.state = "Up"
        self._tell({"type": "StasisStart", "args": [], "channel": line.snapshot})

    def listen(self, line: Line, state: str = "done") -> None:
        """What is playing is heard to its end."""
        name, language, media = line.queue.pop(0)
        line.heard.append(f"{language}: {media}")
        self._finished(line, name, state)

    def press(self, line: Line, digit: str) -> None:
        self._tell({"type": "ChannelDtmfReceived", "digit": digit, "duration_ms": 120, "channel": line.snapshot})

    def hang_up(self, line: Line, cause: tuple[int, str] = NORMAL) -> None:
        self.lines.pop(line.channel_id, None)
        number, text = cause
        if line.state == "Up":
            self._tell({"type": "StasisEnd", "channel": line.snapshot})
        self._tell({"type": "ChannelDestroyed", "cause": number, "cause_txt": text, "channel": line.snapshot})

    def say_nonsense(self) -> None:
        for text in ("{", "[]", '{"type": "StasisStart"}', '{"type": "ChannelDtmfReceived", "digit": 1}'):
            self._send(text)

    def cut(self) -> None:
        """Lose every event stream."""
        for socket in list(self._sockets):
            self._await(socket.close(1012))

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
        (port,) = {sock.getsockname()[1] for one in self._server.servers for sock in one.sockets}
        self.url = f"http://127.0.0.1:{port}/ari"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve()

    def _finished(self, line: Line, name: str, state: str = "done") -> None:
        playback = {"id": name, "target_uri": f"channel:{line.channel_id}", "state": state}
        self._tell({"type": "PlaybackFinished", "playback": playback})

    def _tell(self, event: dict[str, Any]) -> None:
        self._send(json.dumps({**event, "application": self._app, "timestamp": "2026-03-02T22:14:00.000+0000"}))

    def _send(self, text: str) -> None:
        for socket in list(self._sockets):
            self._await(socket.send_text(text))

    def _await(self, what: Any) -> None:
        assert self._loop is not None
        if self._loop is _running_loop():
            self._loop.create_task(what)
        else:
            asyncio.run_coroutine_threadsafe(what, self._loop).result(5)

    def _line(self, channel_id: str) -> Line:
        if channel_id not in self.lines:
            raise HTTPException(404, "Channel not found")
        return self.lines[channel_id]

    def _check(self, request: Request) -> None:
        if request.headers.get("authorization") != self._login:
            raise HTTPException(401)

    def _routes(self) -> FastAPI:
        app = FastAPI()

        @app.post("/ari/channels")
        async def originate(request: Request) -> dict[str, Any]:
            self._check(request)
            self.originated += 1
            if self.refuse is not None:
                status, self.refuse = self.refuse, None
                raise HTTPException(status)
            body = await request.json()
            if body["channelId"] in self.lines:
                raise HTTPException(409, "Channel with given unique ID already exists")
            line = Line(
                channel_id=body["channelId"],
                endpoint=body["endpoint"],
                caller_id=body["callerId"],
                ring_s=int(body["timeout"]),
                variables=body["variables"],
            )
            self.lines[line.channel_id] = line
            return line.snapshot

        @app.get("/ari/channels")
        async def channels(request: Request) -> list[dict[str, Any]]:
            self._check(request)
            return [line.snapshot for line in self.lines.values()]

        @app.get("/ari/channels/{channel_id}/variable")
        async def variable(request: Request, channel_id: str, variable: str) -> dict[str, str]:
            self._check(request)
            return {"value": self._line(channel_id).variables[variable]}

        @app.post("/ari/channels/{channel_id}/play/{name}", status_code=201)
        async def play(request: Request, channel_id: str, name: str, media: str, lang: str) -> dict[str, str]:
            self._check(request)
            line = self._line(channel_id)
            if line.state != "Up":
                raise HTTPException(409, "Channel not in a Stasis application")
            line.queue.append((name, lang, media))
            return {"id": name, "state": "queued"}

        @app.delete("/ari/playbacks/{name}", status_code=204)
        async def stop(request: Request, name: str) -> None:
            self._check(request)
            for line in self.lines.values():
                if any(one[0] == name for one in line.queue):
                    line.queue = [one for one in line.queue if one[0] != name]
                    self._finished(line, name)
                    return
            raise HTTPException(404)

        @app.delete("/ari/channels/{channel_id}", status_code=204)
        async def hang_up(request: Request, channel_id: str) -> None:
            self._check(request)
            self.hang_up(self._line(channel_id))

        @app.websocket("/ari/events")
        async def events(socket: WebSocket, app: str) -> None:
            if socket.headers.get("authorization") != self._login or app != self._app:
                self.turned_away += 1
                await socket.close(4401)
                return
            await socket.accept()
            self._sockets.append(socket)
            try:
                while True:
                    await socket.receive_text()
            except WebSocketDisconnect:
                self._sockets.remove(socket)

        return app


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
