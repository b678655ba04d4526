"""The source tree that ``anxin check`` and ``anxin test`` work on."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from console.cli.exit_codes import MissingPartError

ROOT = Path(__file__).resolve().parents[2]


def require_tools(*modules: str) -> None:
    """Make sure that this is a source tree with the developer's tools.

    Raises
    ------
    MissingPartError
        It is an installed package, or the tools are not there.
    """
    if not (ROOT / "pyproject.toml").exists():
        raise MissingPartError("this command works in a source tree only: clone the project and run ./anxin there")
    absent = [module for module in modules if find_spec(module) is None]
    if absent:
        raise MissingPartError(f"missing: {', '.join(absent)}. Install with: pip install -e '.[dev,embedded]'")
