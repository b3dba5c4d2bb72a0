"""Packages of PyPI for a test, each version pinned by its hash.

They are installed where the tests are built, once for each list, and stay there for the next run.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def python_with(requirements):
    """The interpreter (a path) of an environment that has what that file names.

    Raises with pip's own words and the remedy when it can't be had.
    """
    requirements = pathlib.Path(requirements)
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    folder = _cache() / digest
    with open(folder.with_suffix(".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install(requirements, folder)
    return str(folder / "bin/python3")


def _cache():
    """USAGE_VENVS is set by CMake; by hand, it is a folder of the user's."""
    folder = pathlib.Path(os.environ.get("USAGE_VENVS")
                          or pathlib.Path(tempfile.gettempdir(), f"usage-venvs-{os.getuid()}"))
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return folder


def _install(requirements, folder):
    # Half an environment is none: it gets its mark last.
    unfinished = folder.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    _must([sys.executable, "-m", "venv", str(unfinished)],
          "apt-get install python3-venv, or run tests/run, which does")
    _must([str(unfinished / "bin/python3"), "-m", "pip", "install", "--quiet",
           "--disable-pip-version-check", "--require-hashes", "-r", str(requirements)],
          "pip must reach its package index: check the network or pip's configuration")
    unfinished.rename(folder)


def _must(command, remedy):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}\n{remedy}")
