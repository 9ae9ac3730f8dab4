#!/usr/bin/env python3
"""Files as C arrays: embed.py OUTPUT NAME=FILE...

Each becomes `const char embedded_NAME[]`, ended by a NUL, and `const size_t embedded_NAME_size`.
"""

import sys


def lines(data):
    for begin in range(0, len(data), 20):
        yield "    " + " ".join("%d," % (byte - 256 if byte > 127 else byte) for byte in data[begin : begin + 20])


def main(arguments):
    with open(arguments[0], "w", encoding="ascii") as output:
        output.write('#include "order-service/embedded.h"\n')
        for argument in arguments[1:]:
            name, path = argument.split("=", 1)
            with open(path, "rb") as file:
                data = file.read()
            output.write("\nconst char embedded_%s[] = {\n" % name)
            for line in lines(data):
                output.write(line + "\n")
            output.write("    0};\nconst size_t embedded_%s_size = %d;\n" % (name, len(data)))


if __name__ == "__main__":
    main(sys.argv[1:])
