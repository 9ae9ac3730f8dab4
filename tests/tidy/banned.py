#!/usr/bin/env python3
"""Calls that the project does not make, each with what to use instead.

usage: banned.py [ARCHIVE]    ARCHIVE is the interpreter's: its undefined symbols are checked too,
                              so that no detour through another header brings a clock in
"""

import re
import subprocess
import sys

import tree

EVERYWHERE = {
    "strcpy strcat stpcpy": "asl_buffer, or memcpy with a known size",
    "sprintf vsprintf": "snprintf or asl_buffer",
    "gets": "fgets",
    "strtok": "an index into the text",
    "alloca": "the arena",
    "atoi atol atoll atof": "a parser that reports errors",
    "rand srand random drand48": "base/random.h with a seed",
    "tmpnam mktemp tempnam": "mkdtemp, mkstemp",
    "localtime localtime_r mktime ctime asctime": "base/time_text.h: times are UTC",
    "system popen": "posix_spawn",
    "setjmp signal": "sigaction; longjmp only where its file says why",
    "vfork": "posix_spawn",
}
LIBRARY = {
    "exit _exit quick_exit abort": "return a status: the process is the host's",
    "time gettimeofday": "the engine's clock",
    "printf puts putchar perror": "the log hook: the streams are the host's",
    "getenv setenv putenv": "an option: the environment is the host's",
    "waitpid wait wait3 wait4": "a pidfd: the children are the host's",
    "malloc calloc realloc strdup strndup free": "base/heap.h: every byte goes through the hook",
    "setlocale strtod": "number reading that no locale changes",
    "usleep sleep nanosleep": "a timer of the loop",
}
TESTS = {"sleep": "a condition with a deadline"}

# The places that may, and why.
EXCEPTIONS = {
    ("engine/base/heap.c", "malloc calloc realloc free"): "the default hook",
    ("tests/", "strcpy strcat atoi signal"): "texts and numbers that the test itself wrote",
    ("engine/value/parse.c", "setjmp"): "the way out of yajl when memory runs out",
    ("engine/value/double_text.c", "strtod"): "only where the C locale cannot be had",
}

# What the interpreter's objects may not even reach for.
IMPURE = re.compile(
    r"^(time|clock|clock_gettime|gettimeofday|rand|random|getrandom|open|read|write|fopen|"
    r"(v|f|vf|vsn|sn)?printf|puts|malloc|free|pthread_\w+|sleep|usleep|nanosleep|getenv|mdb_\w+)$"
)


def banned(path):
    name = tree.name(path)
    words = dict(EVERYWHERE)
    if name.startswith("engine/"):
        words.update(LIBRARY)
    if name.startswith("tests/unit/"):
        words.update(TESTS)
    return {word: hint for group, hint in words.items() for word in group.split()}


def excepted(name, word):
    return any(
        name.startswith(place) and word in words.split() for place, words in EXCEPTIONS
    )


def calls(path):
    words = banned(path)
    code = tree.code(path)
    for match in re.finditer(r"(?<![\w.>])(\w+)\s*\(", code):
        word = match.group(1)
        if word in words and not excepted(tree.name(path), word):
            line = code.count("\n", 0, match.start()) + 1
            yield "%s:%d: %s: use %s" % (tree.name(path), line, word, words[word])


def reached(archive):
    output = subprocess.run(["nm", "-u", archive], check=True, capture_output=True, text=True)
    for line in output.stdout.splitlines():
        symbol = line.split()[-1] if line.strip() else ""
        plain = re.sub(r"^__(\w+)_chk$", r"\1", symbol.split("@")[0])
        if IMPURE.match(plain):
            yield "%s: the interpreter reaches for %s" % (archive, symbol)


def main(arguments):
    paths = tree.sources("include", "engine", "tasks", "tools", "tests")
    problems = [problem for path in paths for problem in calls(path)]
    for archive in arguments:
        problems += reached(archive)
    return tree.finish("banned calls", len(paths), problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
