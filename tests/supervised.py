"""A supervisor over small programs, in a process of its own: ``python -m tests.supervised DATA PLAN``.

PLAN is JSON: a list of {"name", "code" (Python), "stage"?, "once"?, "cap_s"?}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from console.cli.run_file import RunFile
from console.cli.supervise.lock import DataLock
from console.cli.supervise.output import Output
from console.cli.supervise.program import Command, Program, Stage
from console.cli.supervise.supervisor import Supervisor


def main(data: Path, plan: list[dict[str, object]]) -> None:
    lock = DataLock(data)
    lock.take()
    run_file = RunFile(data, demo=False, broker="", broker_port=1, console_url="", dsn="")
    programs = [
        Program(
            name=str(item["name"]),
            command=lambda code=item["code"]: Command(argv=[sys.executable, "-u", "-c", str(code)]),
            once=bool(item.get("once")),
            cap_s=float(str(item.get("cap_s", 1.0))),
            stage=Stage[str(item.get("stage", "HANDLE"))],
        )
        for item in plan
    ]
    Supervisor(Output(data), keep_open=[lock.descriptor], changed=run_file.write).run(programs)
    run_file.remove()
    lock.release()


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
