#!/usr/bin/env python3
"""Includes go down the rooms, never up: the table is the architecture.

A room may include the rooms its row names, and the public headers. What stands above the library
(tasks, tools, and the tests that play a host) sees the public headers and its own folder alone.
"""

import re
import sys

import tree

ROOMS = {
    "base": "",
    "value": "base",
    "path": "base value",
    "intrinsics": "base value path",
    "jsonata": "base value",
    "expression": "base value path intrinsics jsonata",
    "definition": "base value path intrinsics jsonata expression",
    "history": "base value",
    "interpreter": "base value path intrinsics jsonata expression definition history",
    "store": "base value history",
    "queue": "base value history store",
    "table": "base value history store",
    "graph": "base value expression definition",
    "runtime": "base value path intrinsics jsonata expression definition history interpreter "
    "store queue table",
}

# The pure rooms have no clock, no descriptors, no threads, no randomness: they are given them.
PURE = {"interpreter", "expression", "path", "intrinsics", "definition", "jsonata"}
IMPURE = {"time.h", "unistd.h", "fcntl.h", "pthread.h", "poll.h", "signal.h", "dlfcn.h"}
IMPURE |= {"sys/time.h", "sys/random.h", "sys/stat.h", "sys/epoll.h", "sys/socket.h", "lmdb.h"}

# The interpreter does not even print into memory: what it says is made by rooms below it.
NO_STDIO = {"interpreter"}

# What one file of a pure room may see, and why.
EXCEPTIONS = {}

# Libraries, and the only places that know them.
LIBRARIES = {
    "yajl/": ("engine/value/", "tests/"),
    "lmdb.h": ("engine/store/", "tests/"),
    "pcre2.h": ("engine/path/", "engine/jsonata/", "tests/"),
    "curl/": ("tasks/", "tools/order-service/", "tests/"),
    "openssl/": ("tasks/", "tools/order-service/", "tests/"),
    "event2/": ("tools/order-service/", "tests/"),
}

HOSTS = ("tasks", "tools", "tests/api", "tests/crash")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def includes(path):
    body = tree.text(path)
    for match in INCLUDE.finditer(body):
        yield body.count("\n", 0, match.start()) + 1, match.group(1), match.group(2)


def room_problem(room, quote, target):
    if quote == "<":
        if (target in IMPURE and room in PURE) or (target == "stdio.h" and room in NO_STDIO):
            return "%s is a pure room: it may not see <%s>" % (room, target)
        return None
    if "/" not in target:
        return 'an include names its room: "%s"' % target
    other = target.split("/")[0]
    if other != room and other not in ROOMS[room].split():
        return "%s may not include %s" % (room, other)
    return None


def host_problem(folder, quote, target):
    if quote == '"' and target.split("/")[0] in ROOMS:
        return '%s sees <asl/...> only, not "%s"' % (folder, target)
    return None


def library_problem(name, target):
    for library, places in LIBRARIES.items():
        if target.startswith(library) and not name.startswith(places):
            return "<%s> belongs behind %s" % (target, places[0])
    return None


def problem_of(name, quote, target):
    parts = name.split("/")
    if (name, target) in EXCEPTIONS:
        return None
    found = library_problem(name, target)
    if parts[0] == "engine" and parts[1] not in ROOMS:
        return "engine/%s is no room that the table knows" % parts[1]
    if parts[0] == "engine":
        return found or room_problem(parts[1], quote, target)
    if parts[0] == "include" and quote == '"':
        return "public headers are included as <asl/...>"
    for folder in HOSTS:
        if name.startswith(folder + "/"):
            return found or host_problem(folder, quote, target)
    return found


def main():
    problems = []
    paths = tree.sources("include", "engine", "tasks", "tools", "tests")
    for path in paths:
        for line, quote, target in includes(path):
            problem = problem_of(tree.name(path), quote, target)
            if problem:
                problems.append("%s:%d: %s" % (tree.name(path), line, problem))
    return tree.finish("layers", len(paths), problems)


if __name__ == "__main__":
    sys.exit(main())
