#!/usr/bin/env python3
"""Host programs, built and run as a stranger would.

usage: build_host.py readme CC LIBRARY       README's C program, as C99 and as C11
       build_host.py cxx CXX LIBRARY         cxx.cpp, as C++11 and as C++17
       build_host.py install CC BUILD MESON  README's program against an installed copy: headers,
                                             library, soname and pkg-config file alone
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WARN = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
LINES = 40
EVENTS = ["ExecutionStarted", "TaskStateEntered", "ExecutionSucceeded"]


def fail(message):
    print(message)
    sys.exit(1)


def run(command, **options):
    result = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, **options
    )
    if result.returncode:
        fail("%s\nended with %d\n%s%s" % (
            " ".join(map(str, command)), result.returncode, result.stdout, result.stderr))
    return result.stdout


def readme_program():
    blocks = re.findall(r"^```c\n(.*?)^```", (ROOT / "README.md").read_text(), re.S | re.M)
    programs = [block for block in blocks if "int main(" in block]
    if len(programs) != 1:
        fail("README.md has %d C programs, not one" % len(programs))
    if programs[0].count("\n") > LINES:
        fail("README's program has %d lines, more than %d" % (programs[0].count("\n"), LINES))
    return programs[0]


def check_output(output, events):
    position = 0
    for event in events:
        found = output.find(event, position)
        if found < 0:
            fail("no %s in its place in the output:\n%s" % (event, output))
        position = found + len(event)


def compile_and_run(command, source, suffix, folder, events, environment=None):
    path = pathlib.Path(folder) / ("host" + suffix)
    path.write_text(source)
    binary = pathlib.Path(folder) / "host"
    flags = os.environ.get("EXAMPLE_FLAGS", "").split()
    run([command[0], *WARN, *flags, path, "-o", binary, *command[1:]])
    check_output(run([binary], env=environment), events)


def link(library):
    folder = pathlib.Path(library).resolve().parent
    return ["-I", ROOT / "include", library, "-Wl,-rpath," + str(folder)]


def readme(compiler, library):
    with tempfile.TemporaryDirectory() as folder:
        for standard in ("c99", "c11"):
            command = [compiler, "-std=" + standard, *link(library)]
            compile_and_run(command, readme_program(), ".c", folder, EVENTS)
    print("README's program runs as C99 and C11")


def cxx(compiler, library):
    source = (HERE / "cxx.cpp").read_text()
    with tempfile.TemporaryDirectory() as folder:
        for standard in ("c++11", "c++17"):
            command = [compiler, "-std=" + standard, *link(library)]
            compile_and_run(command, source, ".cpp", folder, EVENTS)
    print("cxx.cpp runs as C++11 and C++17")


def soname_of(library):
    dynamic = run(["readelf", "-d", library])
    return re.search(r"SONAME.*\[(.*)\]", dynamic).group(1)


def install(compiler, build, meson):
    with tempfile.TemporaryDirectory() as folder:
        run([meson, "install", "-C", build, "--no-rebuild", "--destdir", folder])
        config = next(pathlib.Path(folder).rglob("aslengine.pc"))
        environment = dict(os.environ, PKG_CONFIG_PATH=str(config.parent))
        environment["PKG_CONFIG_SYSROOT_DIR"] = folder
        flags = run(["pkg-config", "--cflags", "--libs", "aslengine"], env=environment).split()
        library = config.parents[1] / "libaslengine.so"
        if soname_of(library) != "libaslengine.so.0":
            fail("the soname is %s" % soname_of(library))
        headers = sorted(path.name for path in pathlib.Path(folder).rglob("asl/*.h"))
        if headers != sorted(path.name for path in (ROOT / "include/asl").glob("*.h")):
            fail("installed headers: %s" % headers)
        environment["LD_LIBRARY_PATH"] = str(library.parent)
        command = [compiler, "-std=c11", *flags]
        compile_and_run(command, readme_program(), ".c", folder, EVENTS, environment)
        archive = library.with_suffix(".a")
        if archive.exists():
            flags = run(["pkg-config", "--cflags", "--static", "--libs", "aslengine"],
                        env=environment).split()
            flags[flags.index("-laslengine")] = archive
            command = [compiler, "-std=c11", *flags]
            compile_and_run(command, readme_program(), ".c", folder, EVENTS)
    print("an installed copy serves a host program")


if __name__ == "__main__":
    {"readme": readme, "cxx": cxx, "install": install}[sys.argv[1]](*sys.argv[2:])
