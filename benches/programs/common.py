"""What every program here shares: the command line, dividing work among threads, and the result line.

The imports are kept to `sys`, `threading` and `time` on purpose: these programs are among the first things that a young
virtual machine runs, and a benchmark should not spend its time importing.
"""

import sys
import threading
import time


class Options:
    """The values of `--threads`, `--size` and of a program's own options, as attributes."""

    def __init__(self, values):
        self.__dict__.update(values)


def options(doc, **defaults):
    """Reads `--name value` pairs from the command line; `defaults` gives the names, and the types by their values.

    A default of None stands for an option that takes text. Prints `doc` for `--help`, and exits with status 2 on
    anything else.
    """
    values = dict(defaults)
    words = list(sys.argv[1:])
    while words:
        word = words.pop(0)
        if word in ("-h", "--help"):
            print(doc.strip())
            print("options: " + " ".join("--%s %s" % pair for pair in defaults.items()))
            sys.exit(0)
        name, equals, text = word.partition("=")
        name = name[2:].replace("-", "_")
        if not word.startswith("--") or name not in values:
            usage_error("unknown argument: " + word)
        if not equals:
            if not words:
                usage_error("--%s needs a value" % name)
            text = words.pop(0)
        if isinstance(defaults[name], int):
            try:
                values[name] = int(text)
            except ValueError:
                usage_error("--%s needs a whole number, not %r" % (name, text))
            if values[name] < 1:
                usage_error("--%s must be at least 1" % name)
        else:
            values[name] = text
    return Options(values)


def usage_error(message):
    print("%s: %s" % (sys.argv[0], message), file=sys.stderr)
    sys.exit(2)


def parts(total, count):
    """Cuts range(total) into `count` neighbouring ranges whose lengths differ by at most one."""
    edges = [total * i // count for i in range(count + 1)]
    return [range(edges[i], edges[i + 1]) for i in range(count)]


def in_threads(count, work):
    """Runs work(0) ... work(count - 1), each in a thread of its own, and returns their results in order.

    The first exception that a worker raised is raised here, after all of them have ended.
    """
    results = [None] * count
    errors = []

    def body(index):
        try:
            results[index] = work(index)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=body, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def main(job):
    """Times job() and prints `time: seconds` on standard error and `result: ...` as the last line of the output."""
    start = time.perf_counter()
    result = job()
    seconds = time.perf_counter() - start
    print("time: %.3f" % seconds, file=sys.stderr)
    print("result: %s" % (result,))
