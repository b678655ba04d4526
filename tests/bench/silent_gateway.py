"""A gateway that hangs: it says that it is online, then stops without a word. ``… PORT GATEWAY PASSWORD``."""

from __future__ import annotations

import os
import signal
import sys
import time

from ingest.account import Account
from ingest.mqtt import Session, Will
from ingest.wire import status, topics


def main() -> None:
    """Print the moment of falling silent, in seconds since 1970, and hang until killed."""
    port, gateway_id, password = sys.argv[1:]
    account = Account(host="127.0.0.1", port=int(port), username=gateway_id, password=password)
    now_s, topic = time.time(), topics.status(0, gateway_id)
    session = Session(account, gateway_id, will=Will(topic, status.encode("offline", "silent", now_s)))
    session.start()
    while not session.publish(topic, status.encode("online", "silent", now_s), retain=True):
        time.sleep(0.05)
    time.sleep(1)  # the message is out
    print(time.time(), flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)


if __name__ == "__main__":
    main()
