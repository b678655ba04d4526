"""``./anxin`` prepares its virtual environment once, heals it, hands over. Python's venv and pip are played here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.children import PATIENCE_S

ROOT = Path(__file__).parents[2]

# answers "-m venv" and "-m pip" by writing down what was asked; everything else is done by the real Python
PYTHON = f"""#!/bin/sh
case "$1 $2 $3" in
"-m venv "*) echo venv >>"$ASKED"; mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip --version") ;;
"-m pip install")
  echo "pip $*" >>"$ASKED"
  if [ -e "$ASKED.fails" ]; then echo "no route to the index" >&2; exit 1; fi
  if [ -e "$ASKED.dies" ]; then kill -9 $PPID; exit 1; fi
  printf '#!/bin/sh\\nprintf "[%%s]" "$@"\\n' >.venv/bin/anxin && chmod +x .venv/bin/anxin ;;
*) exec {sys.executable} "$@" ;;
esac
"""


class Tree:
    """A copy of the launcher with what it reads, and a Python of its own."""

    def __init__(self, base: Path) -> None:
        self.root = base / "a tree"
        self.root.mkdir(parents=True)
        for name in ("anxin", "pyproject.toml", "requirements.lock"):
            shutil.copy(ROOT / name, self.root / name)
        self.programs = base / "bin"
        self.programs.mkdir()
        for tool in ("sh", "cat", "cksum", "cp", "chmod", "dirname", "grep", "mkdir", "mv", "readlink", "rm", "sleep"):
            found = shutil.which(tool)
            assert found is not None
            (self.programs / tool).symlink_to(found)
        self.asked_file = base / "asked"
        self.give_python(PYTHON)

    def give_python(self, script: str) -> None:
        python = self.programs / "python3"
        python.unlink(missing_ok=True)
        python.write_text(script)
        python.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        return self.asked_file.read_text().splitlines() if self.asked_file.exists() else []

    @property
    def installs(self) -> list[str]:
        return [line for line in self.asked if line.startswith("pip")]

    def begin(self, *words: str, launcher: Path | None = None, cwd: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(launcher or self.root / "anxin"), *words],
            env={"PATH": str(self.programs), "ASKED": str(self.asked_file), "HOME": str(self.root.parent)},
            cwd=cwd or "/",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, launcher: Path | None = None, cwd: Path | None = None) -> tuple[int, str, str]:
        process = self.begin(*words, launcher=launcher, cwd=cwd)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_the_first_time_it_says_what_it_does_and_then_it_is_quiet(tree: Tree) -> None:
    code, out, err = tree.run("up", "--data", "a b", "")
    assert (code, out) == (0, "[up][--data][a b][]")
    assert "making .venv" in err
    assert len(tree.installs) == 1
    assert "--constraint requirements.lock --editable .[embedded]" in tree.installs[0]
    assert tree.run("doctor") == (0, "[doctor]", "")
    assert len(tree.installs) == 1


def test_it_works_from_anywhere_and_through_links(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "first").symlink_to(tree.root / "anxin")
    (tmp_path / "links" / "second").symlink_to("first")
    assert tree.run("x", launcher=tmp_path / "links" / "second", cwd=tmp_path)[:2] == (0, "[x]")
    assert tree.run("x", launcher=Path("../a tree/anxin"), cwd=tree.programs)[:2] == (0, "[x]")
    assert len(tree.installs) == 1


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.lock"])
def test_a_changed_pin_is_installed(tree: Tree, name: str) -> None:
    tree.run("doctor")
    with (tree.root / name).open("a") as file:
        file.write("# changed\n")
    assert tree.run("doctor")[0] == 0
    assert len(tree.installs) == 2
    assert tree.asked.count("venv") == 1


@pytest.mark.parametrize("verb", ["check", "test", "bench", "eval"])
def test_the_developers_verbs_bring_their_tools_which_then_stay(tree: Tree, verb: str) -> None:
    tree.run("up")
    tree.run(verb)
    tree.run("up")
    assert ["[embedded,dev]" in line for line in tree.installs] == [False, True]


def test_a_moved_tree_is_installed_again(tree: Tree, tmp_path: Path) -> None:
    tree.run("up")
    tree.root = tree.root.rename(tmp_path / "elsewhere")
    assert tree.run("up")[:2] == (0, "[up]")
    assert len(tree.installs) == 2


def test_without_a_network_it_says_so_and_goes_on_the_next_time(tree: Tree) -> None:
    fails = Path(f"{tree.asked_file}.fails")
    fails.touch()
    code, out, err = tree.run("up")
    assert (code, out) == (3, "")
    assert "no route to the index" in err
    assert "Is there a network?" in err
    fails.unlink()
    assert tree.run("up")[:2] == (0, "[up]")
    assert tree.asked.count("venv") == 1


def test_killed_in_the_middle_it_begins_anew(tree: Tree) -> None:
    dies = Path(f"{tree.asked_file}.dies")
    dies.touch()
    assert tree.run("up")[0] != 0
    dies.unlink()
    assert tree.run("up")[:2] == (0, "[up]")
    assert tree.asked.count("venv") == 2


@pytest.mark.parametrize("leftover", ["bin/python", "anxin-stamp", "lib/junk"])
def test_a_broken_environment_is_made_anew(tree: Tree, leftover: str) -> None:
    path = tree.root / ".venv" / leftover
    path.parent.mkdir(parents=True)
    path.write_text("broken")
    assert tree.run("up")[:2] == (0, "[up]")


def test_two_at_once_prepare_once(tree: Tree) -> None:
    both = [tree.begin("up"), tree.begin("up")]
    assert [process.communicate(timeout=PATIENCE_S)[0] for process in both] == ["[up]", "[up]"]
    assert len(tree.installs) == 1


def test_without_python_it_names_the_package(tree: Tree) -> None:
    (tree.programs / "python3").unlink()
    code, _, err = tree.run("up")
    assert code == 3
    assert "Python 3.11 or newer is needed, and none is here" in err
    assert "apt install python3 python3-venv" in err


def test_an_old_python_is_named(tree: Tree) -> None:
    tree.give_python('#!/bin/sh\ncase "$2" in *exit*) exit 1;; *) echo 3.9;; esac\n')
    code, _, err = tree.run("up")
    assert code == 3
    assert "and only Python 3.9 is here" in err


def test_without_the_venv_module_it_names_the_package(tree: Tree) -> None:
    tree.give_python(f'#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n')
    code, _, err = tree.run("up")
    assert code == 3
    assert "venv module is missing" in err
    assert "apt install python3-venv" in err
