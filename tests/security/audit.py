"""Audit hooks: they hear what a program is about to do, and can refuse it."""

import _thread
import encodings.idna  # noqa: F401 - not when it is first needed
import gc
import marshal
import mmap
import os
import pickle
import socket
import sys
import tempfile
import threading

heard, refused = [], set()


CODE = compile("1", "x", "eval")


def hook(event, args):
    if event in refused:
        raise PermissionError(event)
    heard.append((event, args))


sys.addaudithook(hook)
HOOK = hook.__code__


def events(f):
    """What is heard while a function runs; whether it is refused when asked to be."""
    heard.clear()
    f()
    found = list(heard)
    name = found[0][0] if found else None
    refused.add(name)
    try:
        f()
    except PermissionError as e:
        found.append(str(e) == name)
    refused.clear()
    return found


sys.audit("mine", 1, "two")
print(heard[-1:])  # expect: [('mine', (1, 'two'))]
folder = tempfile.mkdtemp()
os.chdir(folder)
with open("f", "w") as f:
    pass
print(events(lambda: open("f").close()) == [("open", ("f", "r", os.O_RDONLY | os.O_CLOEXEC)), True])  # expect: True
print(events(lambda: os.close(os.open("f", 0))))  # expect: [('open', ('f', None, 524288)), True]
class Base:
    pass


class Other:
    pass


class A(Base):
    pass


BASE = A()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
other = socket.socket()
for call in (
    lambda: os.mkdir("d", 0o755),  # expect: os.mkdir ['d', 493, -1]
    lambda: os.rename("d", "e"),  # expect: os.rename ['d', 'e', -1, -1]
    lambda: os.rmdir("e"),  # expect: os.rmdir ['e', -1]
    lambda: os.symlink("f", "l"),  # expect: os.symlink ['f', 'l', -1]
    lambda: os.remove("l"),  # expect: os.remove ['l', -1]
    lambda: os.link("f", "h"),  # expect: os.link ['f', 'h', -1, -1]
    lambda: os.chmod("h", 0o600),  # expect: os.chmod ['h', 384, -1]
    lambda: os.utime("h", (0, 0)),  # expect: os.utime ['h', 'tuple', None, -1]
    lambda: os.truncate("h", 0),  # expect: os.truncate ['h', 0]
    lambda: os.unlink("h"),  # expect: os.remove ['h', -1]
    lambda: os.listdir("."),  # expect: os.listdir ['.']
    lambda: os.scandir(".").close(),  # expect: os.scandir ['.']
    lambda: os.chdir("."),  # expect: os.chdir ['.']
    lambda: os.kill(0, 0),  # expect: os.kill [0, 0]
    lambda: os.putenv("OROCHI_A", "b"),  # expect: os.putenv [b'OROCHI_A', b'b']
    lambda: os.unsetenv("OROCHI_A"),  # expect: os.unsetenv [b'OROCHI_A']
    lambda: os.system("true"),  # expect: os.system [b'true']
    lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0),  # expect: os.posix_spawn ['/bin/true', 'list', 'dict']
    lambda: compile("1", "name", "eval"),  # expect: compile [b'1', 'name']
    lambda: exec(CODE),  # expect: exec ['code']
    lambda: eval(CODE),  # expect: exec ['code']
    lambda: marshal.loads(b"N"),  # expect: marshal.loads [b'N']
    lambda: pickle.loads(b"cbuiltins\nint\n."),  # expect: pickle.find_class ['builtins', 'int']
    lambda: sys._getframemodulename(1),  # expect: sys._getframemodulename [1]
    lambda: sys._getframe(),  # expect: sys._getframe ['frame']
    lambda: gc.get_objects(generation=1) and None,  # expect: gc.get_objects [1]
    lambda: gc.get_referents(1),  # expect: gc.get_referents ['tuple']
    lambda: mmap.mmap(-1, 8),  # expect: mmap.__new__ [-1, 8, 0, 0]
    lambda: sys.setprofile(None),  # expect: sys.setprofile []
    lambda: _thread.start_new_thread(int, ()),  # expect: _thread.start_new_thread ['type', 'tuple', None]
    lambda: setattr(A, "__name__", "B"),  # expect: object.__setattr__ ['type', '__name__', 'B']
    lambda: setattr(A, "__bases__", (Other,)),  # expect: object.__setattr__ ['type', '__bases__', 'tuple']
    lambda: setattr(BASE, "__class__", A),  # expect: object.__setattr__ ['B', '__class__', 'type']
    lambda: setattr(hook, "__code__", HOOK),  # expect: object.__setattr__ ['function', '__code__', 'code']
    lambda: socket.gethostbyname("127.0.0.1"),  # expect: socket.gethostbyname ['127.0.0.1']
    lambda: socket.getaddrinfo("127.0.0.1", 80),  # expect: socket.getaddrinfo ['127.0.0.1', 80, 0, 0, 0]
    lambda: other.bind(("127.0.0.1", 0)),  # expect: socket.bind ['socket', 'tuple']
    lambda: udp.sendto(b"", ("127.0.0.1", 9)),  # expect: socket.sendto ['socket', 'tuple']
    lambda: udp.connect(("127.0.0.1", 9)),  # expect: socket.connect ['socket', 'tuple']
):
    found = events(call)
    name, args = found[0]
    print(name, [a if isinstance(a, (int, str, bytes, type(None))) else type(a).__name__ for a in args])
    if found[-1] is not True:
        print("not refused", str(found)[:300])

# More than one at once.
print([e for e, *_ in events(lambda: exec("1"))[:2]])  # expect: ['compile', 'exec']
refused.add("import")
try:
    import colorsys
except PermissionError as e:
    print("import", "colorsys" in sys.modules)  # expect: import False
refused.clear()
import colorsys  # noqa: E402,F811

found = [args for event, args in heard if event == "import"][0]
print(found[:2], found[2] is sys.path, found[3] is sys.meta_path)  # expect: ('colorsys', None) True True

# A hook can refuse another one, without a word if it does so with an Exception.
others = []
refused.add("sys.addaudithook")
sys.addaudithook(lambda *args: others.append(args))
refused.clear()
sys.audit("mine")
print(others)  # expect: []
sys.addaudithook(lambda *args: others.append(args))
sys.audit("mine")
print(others)  # expect: [('mine', ())]

# Threads hear it too.
heard.clear()
thread = threading.Thread(target=sys.audit, args=("from a thread",))
thread.start()
thread.join()
print([e for e, _ in heard if e == "from a thread"])  # expect: ['from a thread']
os.remove("f")
os.chdir("/")
os.rmdir(folder)
