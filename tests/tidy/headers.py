"""What the public headers say: declarations with ASL_API, their comments, the examples.

The headers are written in one style, so a small reader is enough: comments and declarations
alternate, and a declaration ends at the first semicolon outside braces.
"""

import re

from tree import ROOT

PUBLIC = ROOT / "include" / "asl"

COMMENT = re.compile(r"/\*.*?\*/", re.S)


def public_headers():
    return sorted(PUBLIC.glob("*.h"))


def without_comments(text):
    """The text with every comment blanked, line numbers kept."""
    return COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def api_names(path):
    """The functions a header declares with ASL_API, in its order."""
    code = without_comments(path.read_text())
    names = []
    for match in re.finditer(r"\bASL_API\b([^;{]*?)\b(\w+)\s*\(", code):
        if "#define" not in code[code.rfind("\n", 0, match.start()) + 1 : match.start()]:
            names.append(match.group(2))
    return names


def all_api_names():
    return sorted(name for path in public_headers() for name in api_names(path))


def top_comment(path):
    match = COMMENT.match(path.read_text())
    return match.group() if match else ""


def example(path):
    """The indented example of a header's first comment, or "" where it has none."""
    lines = []
    for line in top_comment(path).splitlines():
        text = re.sub(r"^ ?\*/?", "", line)
        if text.startswith("     ") or (lines and not text.strip()):
            lines.append(text[5:])
        elif lines:
            break
    return "\n".join(lines).rstrip() + "\n" if lines else ""
