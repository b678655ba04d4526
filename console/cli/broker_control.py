"""Commands to a running broker's dynamic-security plugin, and its answers."""

from __future__ import annotations

import json
import secrets
import threading
import time
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from console.cli.exit_codes import CommandError

CONTROL = "$CONTROL/dynamic-security/v1"
RESPONSE = f"{CONTROL}/response"

Command = dict[str, Any]  # Any: JSON
Answer = dict[str, Any]  # Any: JSON
_KEEPALIVE_S = 30


class BrokerAdminError(CommandError):
    """The broker cannot be reached, does not know us, or refused a command: the message says which."""


class BrokerControl:
    """One administrator's connection, made at the first command."""

    def __init__(
        self, host: str, port: int, username: str, password: str, *, ca: Path | None = None, timeout_s: float = 10.0
    ) -> None:
        self._where = f"{host}:{port}"
        self._host, self._port = host, port
        self._username = username
        self._timeout_s = timeout_s
        self._changed = threading.Condition()
        self._refusal = ""
        self._ready = False
        self._answers: dict[str, Answer] = {}
        self._running = False
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"anxin-admin-{secrets.token_hex(8)}")
        self._client.username_pw_set(username, password)
        self._client.connect_timeout = timeout_s
        if ca is not None:
            self._client.tls_set(str(ca))
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def execute(self, commands: list[Command], tolerated: frozenset[str] = frozenset()) -> list[Answer]:
        """The answers in the order of the commands.

        Raises
        ------
        BrokerAdminError
            The broker cannot be reached, does not answer in time, or refused a command (``tolerated`` errors apart).
        """
        end = time.monotonic() + self._timeout_s
        self._connect(end)
        batch = secrets.token_hex(8)
        tagged = [command | {"correlationData": f"{batch}:{at}"} for at, command in enumerate(commands)]
        wanted = [command["correlationData"] for command in tagged]
        sent = self._client.publish(CONTROL, json.dumps({"commands": tagged}), qos=1)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerAdminError(f"the broker at {self._where} went away")
        with self._changed:
            while not all(tag in self._answers for tag in wanted):
                if not self._ready:
                    raise BrokerAdminError(f"the broker at {self._where} went away")
                self._wait(end, "does not answer its administrator: is its dynamic-security plugin loaded?")
            answers = [self._answers.pop(tag) for tag in wanted]
        for command, answer in zip(commands, answers, strict=True):
            error = answer.get("error")
            if error and error not in tolerated:
                what = command.get("username") or command.get("rolename")
                raise BrokerAdminError(f"the broker refused {command['command']} for {what}: {error}")
        return answers

    def publish_retained(self, topic: str, payload: bytes) -> None:
        """Publish as the administrator, and wait until the broker has it.

        Raises
        ------
        BrokerAdminError
            The broker went away.
        """
        self._connect(time.monotonic() + self._timeout_s)
        sent = self._client.publish(topic, payload, qos=1, retain=True)
        try:
            sent.wait_for_publish(self._timeout_s)
        except (RuntimeError, ValueError) as error:
            raise BrokerAdminError(f"the broker at {self._where} went away") from error
        if not sent.is_published():
            raise BrokerAdminError(f"the broker at {self._where} does not answer")

    def close(self) -> None:
        """End the connection."""
        if self._running:
            self._client.disconnect()
            self._client.loop_stop()
            self._running = False

    def _connect(self, end: float) -> None:
        if not self._running:
            try:
                self._client.connect(self._host, self._port, keepalive=_KEEPALIVE_S)
            except (OSError, ValueError) as error:
                raise BrokerAdminError(f"the broker at {self._where} cannot be reached: {error}") from error
            self._client.loop_start()
            self._running = True
        with self._changed:
            while not self._ready:
                self._wait(end, "does not answer")

    def _wait(self, end: float, complaint: str) -> None:
        """Wait for news, holding ``_changed``."""
        if self._refusal:
            raise BrokerAdminError(f"the broker at {self._where} refused {self._username!r}: {self._refusal}")
        if not self._changed.wait(end - time.monotonic()) and time.monotonic() >= end:
            raise BrokerAdminError(f"the broker at {self._where} {complaint}")

    def _on_connect(self, client: paho.Client, userdata: object, flags: object, code: ReasonCode, _: object) -> None:
        del userdata, flags
        if code.is_failure:
            self._tell_refusal(str(code))
        else:
            client.subscribe(RESPONSE, qos=1)

    def _on_subscribe(
        self, client: paho.Client, userdata: object, mid: int, codes: list[ReasonCode], _: object
    ) -> None:
        del client, userdata, mid
        if codes[0].is_failure:
            self._tell_refusal("it may not administer accounts")
            return
        with self._changed:
            self._ready = True
            self._changed.notify_all()

    def _on_disconnect(self, client: paho.Client, userdata: object, flags: object, code: ReasonCode, _: object) -> None:
        del client, userdata, flags, code
        with self._changed:
            self._ready = False
            self._changed.notify_all()

    def _on_message(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        del client, userdata
        try:
            responses = json.loads(message.payload)["responses"]
            answers = {answer["correlationData"]: answer for answer in responses}
        except (ValueError, TypeError, KeyError):
            return  # not an answer; whoever waits for one says so in time
        with self._changed:
            self._answers.update(answers)
            self._changed.notify_all()

    def _tell_refusal(self, reason: str) -> None:
        with self._changed:
            self._refusal = reason
            self._changed.notify_all()
