# Files, paths, temporary folders, environment, subprocesses of the same interpreter.
import os
import pathlib
import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "a.txt")
    with open(path, "w", encoding="utf-8") as f:
        print(f.write("line one\nline two\ncaf\u00e9\n"), f.name == path, f.mode, f.encoding, f.closed)
        print("printed", 1, file=f)
    print(f.closed, os.path.getsize(path), os.path.exists(path), os.path.isdir(folder), os.listdir(folder))
    with open(path, encoding="utf-8") as f:
        print(f.readline(), f.read(4), f.tell() > 0, f.readlines())
    with open(path, encoding="utf-8") as f:
        print([line.rstrip() for line in f], f.read())
    with open(path, "rb") as f:
        print(f.read(4), f.seek(-3, 2), f.read(), f.tell())
    with open(path, "a") as f:
        f.writelines(["x\n", "y\n"])
    with open(path, "r+b") as f:
        f.seek(5)
        f.write(b"ONE")
        f.truncate(12)
    print(open(path).read())
    p = pathlib.Path(folder) / "sub" / "b.txt"
    p.parent.mkdir(parents=True)
    p.write_text("hi\n")
    p.with_suffix(".bin").write_bytes(b"\0\1")
    print(p.read_text(), p.name, p.stem, p.suffix, p.exists(), sorted(q.name for q in p.parent.iterdir()), sorted(q.relative_to(folder).as_posix() for q in pathlib.Path(folder).rglob("*.*")))
    os.rename(path, path + ".new")
    print(sorted(os.listdir(folder)), [sorted(files) for _, _, files in os.walk(folder)])
    os.remove(path + ".new")
    for act in (lambda: open(path), lambda: open(folder), lambda: os.remove(path), lambda: open(path, "q"), lambda: os.mkdir(os.path.join(folder, "sub")), lambda: open(path, "x", 5).read(), lambda: os.listdir(path + "/none"), lambda: open(path, "rb", encoding="utf-8")):
        try:
            act()
        except Exception as error:
            print(type(error).__name__, str(error).replace(folder, "FOLDER"))
    try:
        f.read()
    except ValueError as error:
        print(error)
    bad = os.path.join(folder, "bad")
    pathlib.Path(bad).write_bytes(b"ok\xff\n")
    try:
        open(bad, encoding="utf-8").read()
    except UnicodeDecodeError as error:
        print(error)
    print(ascii(open(bad, encoding="utf-8", errors="replace").read()), open(bad, encoding="latin-1", newline="").read())
# expect: 23 True w utf-8 False
# expect: True 34 True True ['a.txt']
# expect: line one
# expect:  line True [' two\n', 'café\n', 'printed 1\n']
# expect: ['line one', 'line two', 'café', 'printed 1'] 
# expect: b'line' 31 b' 1\n' 34
# expect: line ONE
# expect: lin
# expect: hi
# expect:  b.txt b .txt True ['b.bin', 'b.txt'] ['a.txt', 'sub/b.bin', 'sub/b.txt']
# expect: ['a.txt.new', 'sub'] [['a.txt.new'], ['b.bin', 'b.txt']]
# expect: FileNotFoundError [Errno 2] No such file or directory: 'FOLDER/a.txt'
# expect: IsADirectoryError [Errno 21] Is a directory: 'FOLDER'
# expect: FileNotFoundError [Errno 2] No such file or directory: 'FOLDER/a.txt'
# expect: ValueError invalid mode: 'q'
# expect: FileExistsError [Errno 17] File exists: 'FOLDER/sub'
# expect: UnsupportedOperation not readable
# expect: NotADirectoryError [Errno 20] Not a directory: 'FOLDER/a.txt/none'
# expect: ValueError binary mode doesn't take an encoding argument
# expect: read of closed file
# expect: 'utf-8' codec can't decode byte 0xff in position 2: invalid start byte
# expect: 'ok\ufffd\n' okÿ
# expect:
print(os.path.exists(folder))  # expect: False
print(os.path.join("a", "b", "/c", "d"), os.path.split("/a/b.c"), os.path.splitext("x.tar.gz"), os.path.normpath("a//b/../c/."), os.path.basename("/a/b"), os.path.dirname("/a/b"), os.path.isabs("/a"), os.path.commonpath(["/a/b", "/a/c"]), os.path.relpath("/a/b", "/a/c"))
# expect: /c/d ('/a', 'b.c') ('x.tar', '.gz') a/c b /a True /a ../b
print(pathlib.PurePosixPath("/a/b/../c").parts, pathlib.PurePosixPath("a/b.txt").with_name("z").as_posix(), pathlib.PurePosixPath("/a") / "b", pathlib.PurePosixPath("a/b").parent, pathlib.PurePosixPath("a.b").match("*.b"))
# expect: ('/', 'a', 'b', '..', 'c') a/z /a/b a True
os.environ["TEST_VARIABLE"] = "set"
print(os.environ["TEST_VARIABLE"], os.getenv("NO_SUCH_VARIABLE", "default"), os.sep, os.linesep == "\n", os.name, sys.platform, os.getpid() > 0)
# expect: set default / True posix linux True
done = subprocess.run([sys.executable, "-c", "import sys, os; print(sys.argv, os.environ['TEST_VARIABLE'], sys.stdin.read()); sys.exit(3)", "arg"], input="in", capture_output=True, text=True)
print(done.returncode, done.stdout)
# expect: 3 ['-c', 'arg'] set in
# expect:
print(subprocess.check_output(["echo", "hello"], text=True), subprocess.run("exit 5", shell=True).returncode)
# expect: hello
# expect:  5
try:
    subprocess.run(["false"], check=True)
except subprocess.CalledProcessError as error:
    print(error)
# expect: Command '['false']' returned non-zero exit status 1.
try:
    subprocess.run(["/no/such/program"])
except FileNotFoundError as error:
    print(error)
# expect: [Errno 2] No such file or directory: '/no/such/program'
with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as proc:
    print(proc.communicate("through cat")[0], proc.returncode)
# expect: through cat 0
