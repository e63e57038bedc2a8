#!/usr/bin/env python3
"""Writes `# expect:` comments into test programs from the output of the Python that runs this script.

usage: record.py FILE ...

Each line of output goes to the end of the top-level statement that printed it, or into lines of its own after it. Read
the result before committing it: a recorded expectation is only as right as the interpreter that it came from. Programs
marked `# only: 3.14` are left alone by an older Python, and lines of `# expect-error:`, `# stderr:` and `# exit:` are
never touched.
"""

import ast
import os
import re
import subprocess
import sys

MARK = re.compile(r"\s*# expect:.*$")

# Runs a program while noting, for each piece of output, the line that the module's own frame was on.
TRACER = r"""
import builtins, json, os, sys
path, notes = sys.argv[1], open(sys.argv[2], "w")
sys.argv = [path]
sys.path[0] = os.path.dirname(os.path.abspath(path))
class Out:
    encoding = "utf-8"
    errors = "strict"
    def write(self, text):
        frame, line = sys._getframe(1), 0
        while frame is not None:
            if frame.f_code.co_name == "<module>" and frame.f_code.co_filename == path:
                line = frame.f_lineno
            frame = frame.f_back
        notes.write(json.dumps([line, text]) + "\n")
        return len(text)
    def flush(self):
        notes.flush()
    def isatty(self):
        return False
    def fileno(self):
        return 1
sys.stdout = sys.__stdout__ = Out()
source = open(path, encoding="utf-8").read()
module = type(sys)("__main__")
module.__file__ = path
module.__builtins__ = builtins
sys.modules["__main__"] = module
import linecache
exec(compile(source, path, "exec"), module.__dict__)
"""


def record(path):
    with open(path, encoding="utf-8") as file:
        original = file.read()
    if "# only: 3.14" in original and sys.version_info < (3, 14):
        return "left alone"
    kept = []
    for line in original.split("\n"):
        bare = MARK.sub("", line)
        if bare or not line:
            kept.append(bare)
    source = "\n".join(kept)
    work = "/tmp/record_%d" % os.getpid()
    with open(work + ".out", "w"):
        pass
    with open(path, "w", encoding="utf-8") as file:
        file.write(source)
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", NO_COLOR="1")
    done = subprocess.run(
        [sys.executable, "-c", TRACER, path, work + ".out"], env=environment, capture_output=True, text=True, timeout=60
    )
    with open(work + ".out") as file:
        pieces = [__import__("json").loads(line) for line in file]
    os.remove(work + ".out")
    lines, text, start = [], "", None
    for number, piece in pieces:
        for part in piece.splitlines(keepends=True):
            start = start if text else number
            text += part
            if part.endswith("\n"):
                lines.append((start, text[:-1]))
                text = ""
    if text:
        lines.append((start, text))
    ends = {}
    last = len(kept)
    for node in ast.parse(source).body:
        first = min([node.lineno] + [mark.lineno for mark in getattr(node, "decorator_list", [])])
        for number in range(first, node.end_lineno + 1):
            ends[number] = (node.end_lineno, node.lineno == node.end_lineno)
    after = {}
    for number, text in lines:
        end, single = ends.get(number, (last, False))
        after.setdefault(end, [single, []])[1].append(text)
    out = []
    for number, line in enumerate(kept, 1):
        single, texts = after.get(number, (False, []))
        inline = "%s  # expect: %s" % (line, texts[0]) if texts else ""
        if len(texts) == 1 and single and texts[0] and len(inline) <= 120 and "#" not in line:
            out.append(inline)
        else:
            out.append(line)
            out.extend(("# expect: " + text).rstrip() if not text else "# expect: " + text for text in texts)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out))
    last_error = (done.stderr.strip().splitlines() or [""])[-1]
    return "%d lines, status %d %s" % (len(lines), done.returncode, last_error)


for name in sys.argv[1:]:
    print("%s: %s" % (name, record(name)))
