"""Compiled files: what is checked before one is used, and how one is written."""

import importlib.util
import marshal
import os
import py_compile
import stat
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = False
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)
sys.path.insert(0, folder.name)
source, compiled = "m.py", importlib.util.cache_from_source("m.py")
MTIME = 1_000_000_000


def write(text, mtime=MTIME):
    with open(source, "w") as f:
        f.write(text)
    os.utime(source, (mtime, mtime))


def load():
    importlib.invalidate_caches()
    sys.modules.pop("m", None)
    try:
        return importlib.import_module("m").X
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def header(flags=0, mtime=MTIME, size=6):
    return importlib.util.MAGIC_NUMBER + b"".join(n.to_bytes(4, "little") for n in (flags, mtime, size))


def plant(head, code, path=compiled):
    with open(path, "wb") as f:
        f.write(head + (marshal.dumps(code) if not isinstance(code, bytes) else code))


def planted(*args):
    plant(*args)
    return load()


planned = compile("X = 2", "m.py", "exec")
write("X = 1\n")
print(load())  # expect: 1
with open(compiled, "rb") as f:
    print(f.read(16) == header())  # expect: True
print(planted(header(), planned))  # expect: 2
print("time", planted(header(mtime=MTIME + 1), planned))  # expect: time 1
print("size", planted(header(size=7), planned))  # expect: size 1
print("magic", planted(b"\0\0\r\n" + header()[4:], planned))  # expect: magic 1
print("flags", planted(header(flags=4), planned))  # expect: flags 1
print("short", planted(header()[:15], b""))  # expect: short 1
# Each of these was written again.
with open(compiled, "rb") as f:
    print(f.read(16) == header())  # expect: True
found = planted(header(), 5)
print(found.replace(os.path.join(folder.name, compiled), "FILE"))  # expect: ImportError: Non-code object in 'FILE'
print(planted(header(), b""))  # expect: EOFError: EOF read where object expected
payload = marshal.dumps(planned)
print({planted(header(), payload[:n]).split(":")[0] for n in range(1, len(payload))} <= {"EOFError", "ValueError"})  # expect: True

# Hash-based: the source's hash instead of its time.
key = importlib.util.source_hash(b"X = 1\n")
print("checked", planted(header()[:4] + b"\3\0\0\0" + key, planned))  # expect: checked 2
print("other", planted(header()[:4] + b"\3\0\0\0" + bytes(8), planned))  # expect: other 1
with open(compiled, "rb") as f:
    # What was hash-based stays so.
    print(f.read(16) == header()[:4] + b"\3\0\0\0" + key)  # expect: True
print("unchecked", planted(header()[:4] + b"\1\0\0\0" + bytes(8), planned))  # expect: unchecked 2


def under(option, flags, text_hash):
    plant(header()[:4] + flags.to_bytes(4, "little") + text_hash, planned)
    code = "import sys; sys.path.insert(0, '.'); import m; print(m.X)"
    command = [sys.executable, "--check-hash-based-pycs", option, "-B", "-c", code]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


print([under(option, 3, bytes(8)) for option in ("default", "always", "never")])  # expect: [1, 1, 2]
print([under(option, 1, bytes(8)) for option in ("default", "always", "never")])  # expect: [2, 1, 2]

# Nested deeply, on a small stack.
deep = ()
for _ in range(150):
    deep = (deep,)
payload = marshal.dumps(planned.replace(co_consts=(2, deep)))
threading.stack_size(1 << 20)
thread = threading.Thread(target=lambda: print(len(marshal.dumps(marshal.loads(payload))) == len(payload)))
thread.start()
thread.join()
# expect: True

# Without a source.
os.remove(source)
os.remove(compiled)
print("alone", planted(header(), planned, "m.pyc"))  # expect: alone 2
print(planted(b"\0\0\r\n" + header()[4:], planned, "m.pyc"))  # expect: ImportError: bad magic number in 'm': b'\x00\x00\r\n'
print(planted(header(flags=4), planned, "m.pyc"))  # expect: ImportError: invalid flags 4 in 'm'
print(planted(header()[:12], b"", "m.pyc"))  # expect: EOFError: reached EOF while reading pyc header of 'm'
os.remove("m.pyc")


def mode(path):
    return oct(stat.S_IMODE(os.stat(path).st_mode))


# Written with the source's mode, never more than the umask allows, always so that the owner can write it again.
for source_mode, umask in ((0o600, 0o022), (0o644, 0o077), (0o444, 0o022), (0o777, 0o002)):
    write("X = 1\n")
    os.chmod(source, source_mode)
    before = os.umask(umask)
    load()
    os.umask(before)
    print(mode(compiled))
    os.remove(compiled)
    os.remove(source)
# expect: 0o600
# expect: 0o600
# expect: 0o644
# expect: 0o664

# In place of what was there, never into it; through a link to a folder as through the folder.
write("X = 1\n")
with open("precious", "w") as f:
    f.write("precious")
os.link("precious", compiled)
load()
print(open("precious").read(), os.listdir("__pycache__") == [os.path.basename(compiled)])  # expect: precious True
os.remove(compiled)
os.rmdir("__pycache__")
os.mkdir("elsewhere")
os.symlink("elsewhere", "__pycache__")
print(load(), len(os.listdir("elsewhere")))  # expect: 1 1
os.remove("__pycache__")
os.symlink("nowhere", "__pycache__")
print(load(), os.path.exists("nowhere"))  # expect: 1 False
os.remove("__pycache__")
os.mkdir("__pycache__")
os.symlink("../precious", compiled)
try:
    py_compile.compile(source, doraise=True)
except FileExistsError as e:
    print("link refused" if "is a symlink" in str(e) else e)  # expect: link refused
os.remove(compiled)
before = os.umask(0o027)
os.rmdir("__pycache__")
load()
os.umask(before)
print(mode("__pycache__"))  # expect: 0o750
os.chdir("/")
folder.cleanup()
