# socket, selectors, signal, tempfile, shutil, glob, time, errno, pickle, copyreg, sqlite-free system modules.
import errno
import glob
import os
import pickle
import selectors
import shutil
import signal
import socket
import stat
import tempfile
import threading
import time

server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]


def serve():
    connection, address = server.accept()
    with connection:
        while data := connection.recv(100):
            connection.sendall(data.upper())


thread = threading.Thread(target=serve)
thread.start()
with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
    client.sendall(b"hello")
    print(client.recv(100), client.gettimeout())
    stream = client.makefile("rwb")
    stream.write(b"line\n")
    stream.flush()
    print(stream.readline())
    stream.close()
# expect: b'HELLO' 5.0
# expect: b'LINE\n'
thread.join()
server.close()
a, b = socket.socketpair()
selector = selectors.DefaultSelector()
selector.register(b, selectors.EVENT_READ, "data")
print(selector.select(timeout=0))  # expect: []
a.send(b"x")
print([(key.data, mask) for key, mask in selector.select(timeout=5)], b.recv(1))  # expect: [('data', 1)] b'x'
selector.close()
a.close()
print(b.recv(1))  # expect: b''
b.close()
try:
    socket.create_connection(("127.0.0.1", port), timeout=1)
except ConnectionRefusedError as error:
    print(error.errno == errno.ECONNREFUSED)
# expect: True
hits = []
signal.signal(signal.SIGUSR1, lambda number, frame: hits.append((number, frame is not None)))
os.kill(os.getpid(), signal.SIGUSR1)
for _ in range(100):
    if hits:
        break
    time.sleep(0.001)
print(hits[0] == (signal.SIGUSR1, True), signal.getsignal(signal.SIGUSR1) is not signal.SIG_DFL, signal.Signals(2).name)
# expect: True True SIGINT


def alarm(number, frame):
    raise TimeoutError("alarm")


signal.signal(signal.SIGALRM, alarm)
signal.setitimer(signal.ITIMER_REAL, 0.02)
try:
    while True:
        pass
except TimeoutError as error:
    print(error)
# expect: alarm
try:
    threading.Thread(target=lambda: None).start()
    outcome = []

    def in_thread():
        try:
            signal.signal(signal.SIGUSR1, signal.SIG_DFL)
        except ValueError as error:
            outcome.append(str(error))

    t = threading.Thread(target=in_thread)
    t.start()
    t.join()
    print(outcome)
finally:
    pass
# expect: ['signal only works in main thread of the main interpreter']
with tempfile.TemporaryDirectory() as folder:
    for name in ("a.txt", "b.txt", "c.py"):
        with open(os.path.join(folder, name), "w") as f:
            f.write(name)
    os.makedirs(os.path.join(folder, "d", "e"))
    shutil.copy(os.path.join(folder, "a.txt"), os.path.join(folder, "d", "e", "copy.txt"))
    print(sorted(os.path.basename(p) for p in glob.glob(folder + "/*.txt")), sorted(os.path.relpath(p, folder) for p in glob.glob(folder + "/**/*.txt", recursive=True)))
    shutil.copytree(os.path.join(folder, "d"), os.path.join(folder, "tree"))
    shutil.move(os.path.join(folder, "c.py"), os.path.join(folder, "tree"))
    print(sorted(os.listdir(os.path.join(folder, "tree"))), shutil.which("sh") is not None)
    shutil.rmtree(os.path.join(folder, "tree"))
    os.chmod(os.path.join(folder, "a.txt"), 0o640)
    info = os.stat(os.path.join(folder, "a.txt"))
    print(stat.filemode(info.st_mode), info.st_size, stat.S_ISREG(info.st_mode))
    os.symlink("a.txt", os.path.join(folder, "link"))
    print(os.readlink(os.path.join(folder, "link")), os.path.islink(os.path.join(folder, "link")), os.path.realpath(os.path.join(folder, "link")) == os.path.realpath(os.path.join(folder, "a.txt")))
    with os.scandir(folder) as entries:
        print(sorted((e.name, e.is_dir()) for e in entries))
# expect: ['a.txt', 'b.txt'] ['a.txt', 'b.txt', 'd/e/copy.txt']
# expect: ['c.py', 'e'] True
# expect: -rw-r----- 5 True
# expect: a.txt True True
# expect: [('a.txt', False), ('b.txt', False), ('d', True), ('link', False)]
with tempfile.NamedTemporaryFile("w+") as f:
    f.write("abc")
    f.seek(0)
    print(f.read(), os.path.exists(f.name))
# expect: abc True
print(os.path.exists(f.name))  # expect: False
r, w = os.pipe()
os.write(w, b"pipe")
os.close(w)
print(os.read(r, 10), os.read(r, 10))  # expect: b'pipe' b''
os.close(r)
pid = os.fork()
if pid == 0:
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))  # expect: 7
start = time.monotonic()
time.sleep(0.01)
print(time.monotonic() - start >= 0.01, time.perf_counter_ns() > 0, time.strftime("%Y-%m-%d", time.gmtime(0)), time.gmtime(86400 * 365).tm_year, time.struct_time(range(9)).tm_mon, time.mktime(time.localtime(1000)))
# expect: True True 1970-01-01 1971 1 1000.0
print(errno.errorcode[2], os.strerror(2), OSError(errno.EAGAIN, "x").__class__.__name__)
# expect: ENOENT No such file or directory BlockingIOError
try:
    time.sleep(-1)
except ValueError as error:
    print(error)
# expect: sleep length must be non-negative


class State:
    def __init__(self):
        self.kept, self.dropped = 1, 2

    def __getstate__(self):
        return {"kept": self.kept}

    def __setstate__(self, state):
        self.__dict__.update(state, restored=True)


loaded = pickle.loads(pickle.dumps(State()))
print(vars(loaded))  # expect: {'kept': 1, 'restored': True}
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    value = [1, -1, 2**70, 1.5, "t\u00e9xt", b"bytes", None, True, (1, (2,)), {"k": [1]}, {1}, frozenset([2]), range(3), slice(1, 2), complex(1, 2), bytearray(b"ba"), len, int]
    assert pickle.loads(pickle.dumps(value, protocol)) == value, protocol
shared = [1]
again = pickle.loads(pickle.dumps([shared, shared]))
print(again[0] is again[1])  # expect: True
for bad in (lambda: pickle.loads(b"garbage"), lambda: pickle.loads(b"")):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__)
# expect: UnpicklingError
# expect: EOFError
