"""The production form is well made: pinned images, health checks, secrets that exist, files that are there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.cli.embedded.accounts import SERVICE_ROLES
from tests.certificates import Issuer

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
ONE_SHOT = {"accounts", "migrate", "tools"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return loaded


def test_every_image_is_pinned(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        tag = service["image"].rpartition(":")[2]
        assert tag not in ("", "latest"), name


def test_every_lasting_service_restarts_and_says_whether_it_is_well(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name not in ONE_SHOT:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"][0] == "CMD", name
            assert service["logging"]["options"]["max-size"], name


def test_every_secret_comes_from_a_file_that_make_secrets_makes(compose: dict[str, Any], tmp_path: Path) -> None:
    script = tmp_path / "make-secrets"
    script.write_bytes((ROOT / "deploy" / "make-secrets").read_bytes())
    script.chmod(0o755)
    subprocess.run([script, "anxin.example.org"], check=True, capture_output=True)
    for name, secret in compose["secrets"].items():
        made = tmp_path / "secrets" / Path(secret["file"]).name
        assert made.stat().st_size > 0, name
        # containers read it under other users; the directory keeps everybody else out
        assert made.stat().st_mode & 0o044 == 0o044, name
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    assert (tmp_path / "secrets" / "authority.key").stat().st_mode & 0o077 == 0
    before = {path: path.read_bytes() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run([script, "anxin.example.org"], check=True, capture_output=True)
    assert {path: path.read_bytes() for path in (tmp_path / "secrets").iterdir()} == before


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As somebody has it who has just fetched the repository."""
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy" / "make-secrets", tmp_path / "deploy")
    shutil.copy(ROOT / ".env.example", tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def made_secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: what is there stays, and keys take seconds to make."""
    script = tmp_path_factory.mktemp("made") / "make-secrets"
    shutil.copy(ROOT / "deploy" / "make-secrets", script)
    subprocess.run([script, "care.home.example"], check=True, capture_output=True)
    return script.parent / "secrets"


@pytest.fixture
def furnished(checkout: Path, made_secrets: Path) -> Path:
    """A checkout whose secrets are there."""
    shutil.copytree(made_secrets, checkout / "deploy" / "secrets")
    return checkout


def make_secrets(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "deploy" / "make-secrets", *arguments], capture_output=True, text=True, check=False
    )


def settings_of(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_one_command_makes_the_settings_with_the_name_by_which_phones_reach_us(checkout: Path) -> None:
    made = make_secrets(checkout, "care.home.example")
    assert made.returncode == 0
    assert "ANXIN_HOSTNAME=care.home.example" in made.stdout
    example = settings_of(checkout / ".env.example")
    assert settings_of(checkout / ".env") == {**example, "ANXIN_HOSTNAME": "care.home.example"}


@pytest.mark.parametrize("line", ["ANXIN_HOSTNAME=anxin.example.org\n", "ANXIN_HOSTNAME=\n", ""])
def test_the_examples_name_gives_way_and_all_else_stays(furnished: Path, line: str) -> None:
    (furnished / ".env").write_text(f"# ours\nANXIN_HTTPS_PORT=8443\n{line}")
    (furnished / ".env").chmod(0o600)
    assert make_secrets(furnished, "care.home.example").returncode == 0
    assert settings_of(furnished / ".env") == {"ANXIN_HTTPS_PORT": "8443", "ANXIN_HOSTNAME": "care.home.example"}
    assert (furnished / ".env").read_text().startswith("# ours\n")
    assert (furnished / ".env").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in furnished.glob(".env*")].count(".env.new") == 0


def test_another_name_than_that_of_the_settings_is_refused(checkout: Path) -> None:
    """Certificates for one name and links to another: nobody could answer."""
    (checkout / ".env").write_text("ANXIN_HOSTNAME=old.example\n")
    refused = make_secrets(checkout, "new.example")
    assert refused.returncode == 2
    assert "old.example" in refused.stderr
    assert not (checkout / "deploy" / "secrets").exists()
    assert settings_of(checkout / ".env") == {"ANXIN_HOSTNAME": "old.example"}
    assert make_secrets(checkout, "old.example").returncode == 0


@pytest.mark.parametrize("name", ["", "a b", "https://care.example", "care.example:8443", "a|b", "a\nb"])
def test_what_is_no_name_of_a_machine_is_refused(checkout: Path, name: str) -> None:
    assert make_secrets(checkout, name).returncode == 2
    assert not (checkout / ".env").exists()


def test_a_renewed_certificate_is_put_where_the_containers_see_it(furnished: Path) -> None:
    shutil.copy(ROOT / "deploy" / "take-certificate", furnished / "deploy")
    secrets = furnished / "deploy" / "secrets"
    kept = {name: (secrets / name).stat() for name in ("console.crt", "console.key")}
    first = Issuer().make(furnished, ["care.lan"], stem="first")
    second = Issuer().make(furnished, ["care.lan"], stem="second")

    def take(*files: Path) -> subprocess.CompletedProcess[str]:
        command = [furnished / "deploy" / "take-certificate", *files]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    mixed = take(first[0], second[1])
    assert (mixed.returncode, "does not belong" in mixed.stderr) == (1, True)
    assert take(furnished / "none.crt", first[1]).returncode == 1
    assert take(first[0]).returncode == 2
    assert take(*first).returncode == 0
    for name, file in zip(("console.crt", "console.key"), first, strict=True):
        assert (secrets / name).read_bytes() == file.read_bytes()
        # a file that is mounted into a container is the one that was there at its start
        assert (secrets / name).stat().st_ino == kept[name].st_ino
        assert (secrets / name).stat().st_mode == kept[name].st_mode


def test_services_name_only_what_is_declared(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert set(service.get("depends_on", [])) <= set(compose["services"]), name
        for setting in service.get("environment", {}).values():
            if str(setting).startswith("/run/secrets/"):
                assert Path(setting).name in service["secrets"], f"{name}: {setting}"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), f"{name}: {source}"
            else:
                assert source in compose["volumes"], f"{name}: {source}"


def test_no_password_stands_in_the_file(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for key in service.get("environment", {}):
            assert "PASSWORD" not in key or key.endswith("_FILE"), f"{name}: {key}"


def test_every_program_account_has_a_secret(compose: dict[str, Any]) -> None:
    given = compose["services"]["accounts"]["environment"]
    assert set(given) == {f"ANXIN_{account.upper()}_PASSWORD_FILE" for account in SERVICE_ROLES}


def test_the_doctor_sees_every_program_and_where_links_lead(compose: dict[str, Any]) -> None:
    services = compose["services"]
    tools, given = services["tools"], services["tools"]["environment"]
    assert "alarms:/data" in tools["volumes"]
    for name in ("detect", "ingest", "watch"):
        assert f"{name}:/data" in services[name]["volumes"]
        assert f"{name}:{given['ANXIN_DOCTOR_PROGRAMS']}/{name}:ro" in tools["volumes"], name
    assert re.search(r"install -d -o anxin .*/data /programs/detect /programs/ingest /programs/watch", DOCKERFILE)
    assert given["ANXIN_DOCTOR_CONSOLE_URL"] == services["watch"]["environment"]["ANXIN_WATCH_CONSOLE_URL"]
    for service in ("alarms", "console"):
        assert given["ANXIN_NOTIFY_PUBLIC_URL"] == services[service]["environment"]["ANXIN_NOTIFY_PUBLIC_URL"]


def test_the_alarm_path_waits_for_the_broker_only(compose: dict[str, Any]) -> None:
    assert list(compose["services"]["alarms"]["depends_on"]) == ["broker"]
    assert list(compose["services"]["console"]["depends_on"]) == ["broker"]


def test_scripts_can_be_run() -> None:
    for path in ("deploy/make-secrets", "deploy/take-certificate", "deploy/timescale/10-roles.sh", ".ci/run"):
        assert os.access(ROOT / path, os.X_OK), path
        subprocess.run(["sh", "-n", ROOT / path], check=True)
