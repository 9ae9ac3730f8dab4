"""The source tree as the tidy tests see it: its files, and C code without comments and strings."""

import os
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parents[2]
ROOT = pathlib.Path(os.environ.get("TIDY_ROOT") or HERE)  # another tree: see control.py
FOLDERS = ("include", "engine", "tasks", "tools", "definitions", "tests", ".ci")
NOT_OURS = ("__pycache__", "node_modules")

TOKEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'", re.S
)


def files(*folders):
    """Every file below the folders (all of the project's where none is named), sorted."""
    found = []
    for folder in folders or FOLDERS:
        for directory, children, names in os.walk(ROOT / folder):
            children[:] = sorted(name for name in children if name not in NOT_OURS)
            found += [pathlib.Path(directory) / name for name in sorted(names)]
    if not folders:
        # In a work tree of its own ".git" is a file, and none of the project's.
        found += sorted(path for path in ROOT.iterdir() if path.is_file() and path.name != ".git")
    return found


def sources(*folders):
    return [path for path in files(*folders) if path.suffix in (".c", ".h")]


def name(path):
    return str(path.relative_to(ROOT))


def text(path):
    return path.read_text(encoding="utf-8", errors="replace")


def blank(match):
    """Spaces for a comment; the quotes alone for a string: lines and columns stay."""
    token = match.group()
    if token[0] in "\"'":
        return token[0] + " " * (len(token) - 2) + token[-1]
    return re.sub(r"[^\n]", " ", token)


def code(path):
    return TOKEN.sub(blank, text(path))


def finish(what, looked_at, problems):
    """Prints the problems and a closing line; the exit status of the test."""
    for problem in problems:
        print(problem)
    print("%s: looked at %d, %d problems" % (what, looked_at, len(problems)))
    return 1 if problems or not looked_at else 0
