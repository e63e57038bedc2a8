# Every module that programs commonly import is there and is usable.
import importlib
import sys

names = """
abc argparse array ast asyncio base64 binascii bisect builtins calendar cmath codecs collections collections.abc
concurrent.futures contextlib contextvars copy copyreg csv dataclasses datetime decimal difflib dis email enum errno
faulthandler fnmatch fractions functools gc getopt glob hashlib heapq hmac html inspect io ipaddress itertools json
keyword linecache locale logging math mimetypes numbers operator os os.path pathlib pickle pkgutil platform pprint
queue random re reprlib sched secrets select selectors shlex shutil signal socket stat statistics string struct
subprocess symtable sys sysconfig tempfile textwrap threading time timeit token tokenize traceback types typing
unicodedata unittest urllib.parse uuid warnings weakref xml.etree.ElementTree zipfile zlib _thread __future__
""".split()
for name in names:
    try:
        module = importlib.import_module(name)
        if module is not sys.modules[name] or not isinstance(module.__name__, str):
            print(name, "is odd")
    except Exception as error:
        print(name, type(error).__name__, error)
print(len(names), "modules")  # expect: 100 modules
