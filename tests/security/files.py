"""Files, folders and descriptors: who may see them."""

import os
import select
import shutil
import socket
import stat
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import io

folder = tempfile.mkdtemp()
os.chdir(folder)


def mode(path):
    return oct(stat.S_IMODE(os.stat(path).st_mode))


os.umask(0)
fd, name = tempfile.mkstemp()
print(mode(name), mode(folder))  # expect: 0o600 0o700
os.close(fd)
os.remove(name)
with tempfile.NamedTemporaryFile() as f, tempfile.TemporaryDirectory() as d, tempfile.TemporaryFile() as g:
    print(mode(f.name), mode(d), mode(g.fileno()))  # expect: 0o600 0o700 0o600
os.umask(0o027)
open("a", "w").close()
os.close(os.open("b", os.O_CREAT | os.O_WRONLY))
os.close(os.open("c", os.O_CREAT | os.O_WRONLY, 0o666))
os.mkdir("d")
os.mkfifo("e")
print(*map(mode, "abcde"))  # expect: 0o640 0o750 0o640 0o750 0o640
os.umask(0o022)

# What a new file's name already stands for is not followed where that is asked for.
os.symlink("a", "link")
for flags in (os.O_CREAT | os.O_EXCL, os.O_NOFOLLOW):
    try:
        os.open("link", flags | os.O_WRONLY)
    except OSError as e:
        print(e.strerror)
# expect: File exists
# expect: Too many levels of symbolic links
try:
    open("a", "x")
except FileExistsError:
    print("exists")  # expect: exists

# No descriptor is inherited.
kept = [open("a"), open("a", opener=lambda p, f: os.open(p, f)), tempfile.TemporaryFile(), socket.socket(), *socket.socketpair(), select.epoll()]
numbers = [f.fileno() for f in kept]
numbers += [os.open("a", os.O_RDONLY), *os.pipe(), os.dup(0), os.memfd_create("x"), os.eventfd(0), *os.openpty()]
numbers += [os.dup2(0, 50, inheritable=False), os.open(".", os.O_RDONLY), os.pidfd_open(os.getpid())]
numbers += [os.open("a", os.O_RDONLY, dir_fd=os.open(".", os.O_RDONLY))]
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
accepted = server.accept()[0]
kept += [server, client, accepted, client.dup(), socket.fromfd(client.fileno(), 2, 1)]
numbers += [s.fileno() for s in kept[-5:]]
print([n for n in numbers if os.get_inheritable(n)])  # expect: []
print(os.get_inheritable(os.dup2(0, 51)), os.get_inheritable(0))  # expect: True True

LIST = "import os; print(sorted(n for n in map(int, os.listdir('/proc/self/fd')) if n > 2 and os.path.exists(f'/proc/self/fd/{n}')))"


def child(**options):
    return subprocess.run([sys.executable, "-c", LIST], capture_output=True, text=True, check=True, **options).stdout.strip()


print(child(), "51" in child(close_fds=False), child(pass_fds=[50]))  # expect: [] True [50]
pid = os.posix_spawn(sys.executable, [sys.executable, "-c", "import os; os._exit(os.path.exists('/proc/self/fd/50'))"], os.environ)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))  # expect: 0


# Archives: nothing lands outside of the folder, nothing gets more rights than it should.
def tar(name, **more):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        info = tarfile.TarInfo(name)
        for key, value in more.items():
            setattr(info, key, value)
        archive.addfile(info)
    made.seek(0)
    try:
        with tarfile.open(fileobj=made) as archive:
            archive.extractall("out", **({} if sys.version_info >= (3, 14) else {"filter": "data"}))
    except tarfile.FilterError as e:
        return type(e).__name__
    return os.path.lexists("outside"), os.path.exists("/absolute_orochi"), sorted(os.listdir("out"))


os.mkdir("out")
print(tar("../outside"))  # expect: OutsideDestinationError
print(tar("/absolute_orochi"))  # expect: (False, False, ['absolute_orochi'])
print(tar("link", type=tarfile.SYMTYPE, linkname="../outside"))  # expect: LinkOutsideDestinationError
print(tar("hard", type=tarfile.LNKTYPE, linkname="../a"))  # expect: LinkOutsideDestinationError
print(tar("device", type=tarfile.CHRTYPE))  # expect: SpecialFileError
print(tar("set", mode=0o6777), mode("out/set"))  # expect: (False, False, ['absolute_orochi', 'set']) 0o755
made = io.BytesIO()
with zipfile.ZipFile(made, "w") as archive:
    archive.writestr("../../outside", "x")
    archive.writestr("/deep/x", "x")
with zipfile.ZipFile(made) as archive:
    archive.extractall("unzipped")
print(sorted(os.listdir("unzipped")), os.path.exists("outside"))  # expect: ['deep', 'outside'] False
os.chdir("/")
shutil.rmtree(folder)
