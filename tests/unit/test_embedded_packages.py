"""The npm packages: pinned exactly, from no host in particular."""

from __future__ import annotations

import json
import re

from console.cli.embedded.node import REPOSITORY

LOCK = json.loads((REPOSITORY / "package-lock.json").read_text())
PACKAGE = json.loads((REPOSITORY / "package.json").read_text())


def test_every_package_is_pinned_exactly_and_by_its_content() -> None:
    for version in (PACKAGE["dependencies"] | PACKAGE["devDependencies"]).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name


def test_the_lock_file_names_no_registry() -> None:
    assert not [name for name, entry in LOCK["packages"].items() if "resolved" in entry]


def test_the_lock_file_is_that_of_the_package() -> None:
    assert LOCK["packages"][""]["dependencies"] == PACKAGE["dependencies"]
    assert LOCK["packages"][""]["devDependencies"] == PACKAGE["devDependencies"]
    assert LOCK["version"] == PACKAGE["version"]


def test_what_only_tests_need_is_marked_so_and_not_installed_for_a_home() -> None:
    marked = {name.removeprefix("node_modules/") for name, entry in LOCK["packages"].items() if entry.get("dev")}
    assert marked == set(PACKAGE["devDependencies"])


def test_every_requirement_is_pinned() -> None:
    lines = (REPOSITORY / "requirements.lock").read_text().splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.+]+", line) for line in lines)
    pinned = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower(): line.split("==")[1] for line in lines}
    wanted = re.findall(r'^\s*"?([a-z0-9-]+)(?:\[[a-z]+\])?==([0-9.]+)"', pyproject(), re.MULTILINE)
    wanted += re.findall(r'"([a-z0-9-]+)==([0-9.]+)"', pyproject())
    assert len(wanted) > 20
    for name, version in wanted:
        if name != "setuptools":  # builds the package in a place of its own
            assert pinned[name] == version, name


def pyproject() -> str:
    return (REPOSITORY / "pyproject.toml").read_text()
