"""Counts words in text files: each thread reads and counts its files, and the counts are added up.

`--dir FOLDER` counts the .txt, .md, .rst, .py and extensionless files of a folder tree. Without it, `--size` files of
prose are written to a temporary folder first (that is not timed); there are VARIETY different texts.
"""

import os
import sys

from common import in_threads, main, options

WORDS = """
the and of to a in that it is was he for on as with his they at be this from have or by one had not but what all were
when we there can an your which their said if do will each about how up out them then she many some so these would
other into has more her two like him see time could no make than first been its who now people my made over did down
only way find use may water long little very after words called just where most know get through back much before go
good new write our used me man too any day same right look think also around another came come work three word must
because does part even place well such here take why things help put years different away again off went old number
great tell men say small every found still between name should home big give air line set own under read last never
us left end along while might next sound below saw something thought both few those always looked show large often
together asked house world going want school important until form food keep children feet land side without boy once
animals life enough took sometimes four head above kind began almost live page got earth need far hand high year
mother light parts country father let night following picture being study second eyes soon times story boys since
white days ever paper hard near sentence better best across during today others however sure means knew try told
young miles sun ways thing whole hear example heard several change answer room sea against top turned learn point
city play toward five using himself usually
""".split()
VARIETY = 20
MARKS = [",", ".", ";", ":", "!", "?"]


def prose(seed, lines):
    """Lines of made-up sentences; early words of the list come up more often, as in a language."""
    state = seed * 2654435761 % 4294967296
    out = []
    for _ in range(lines):
        words = []
        for _ in range(12):
            state = (state * 1664525 + 1013904223) % 4294967296
            a = state >> 16
            state = (state * 1664525 + 1013904223) % 4294967296
            b = state >> 16
            word = WORDS[a * b // 65536 * len(WORDS) // 65536]
            if a % 9 == 0:
                word = word.capitalize()
            if b % 7 == 0:
                word += MARKS[b // 7 % len(MARKS)]
            words.append(word)
        out.append(" ".join(words))
    return "\n".join(out) + "\n"


def write_files(count):
    folder = os.path.join(os.environ.get("TMPDIR", "/tmp"), "word_count_%d" % os.getpid())
    os.mkdir(folder)
    texts = [prose(i, 800) for i in range(min(count, VARIETY))]
    for i in range(count):
        with open(os.path.join(folder, "text%04d.txt" % i), "w", encoding="utf-8") as file:
            file.write(texts[i % VARIETY])
    return folder


def text_files(folder):
    found = []
    for place, folders, names in os.walk(folder):
        for name in names:
            stem, dot, end = name.rpartition(".")
            if not dot or end in ("txt", "md", "rst", "py"):
                found.append(os.path.join(place, name))
    return sorted(found)


def count_words(path, counts):
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            for word in line.split():
                word = word.strip(",.;:!?\"'()").lower()
                if word:
                    counts[word] = counts.get(word, 0) + 1


def job():
    turn = iter(paths)

    def work(index):
        counts = {}
        for path in turn:
            count_words(path, counts)
        return counts

    totals = {}
    for counts in in_threads(chosen.threads, work):
        for word, count in counts.items():
            totals[word] = totals.get(word, 0) + count
    top = sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:5]
    return "%d words, %d different, most: %s" % (
        sum(totals.values()),
        len(totals),
        " ".join("%s=%d" % item for item in top),
    )


chosen = options(__doc__, threads=1, size=1500, dir=None)
written = None if chosen.dir else write_files(chosen.size)
try:
    paths = text_files(chosen.dir or written)
    if not paths:
        sys.exit("no text files in " + chosen.dir)
    main(job)
finally:
    if written:
        for name in os.listdir(written):
            os.remove(os.path.join(written, name))
        os.rmdir(written)
