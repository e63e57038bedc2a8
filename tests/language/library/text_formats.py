# csv, configparser, tomllib, html, email, gzip, zlib, unicodedata, ipaddress, calendar, uuid, gettext-free text tools.
import calendar
import configparser
import csv
import fnmatch
import graphlib
import gzip
import html
import io
import ipaddress
import tomllib
import unicodedata
import uuid
import zlib
from html.parser import HTMLParser

rows = list(csv.reader(["a,b,c", '1,"two, three",4', '"q""uote",,x']))
print(rows)  # expect: [['a', 'b', 'c'], ['1', 'two, three', '4'], ['q"uote', '', 'x']]
out = io.StringIO()
writer = csv.DictWriter(out, ["x", "y"], lineterminator="\n")
writer.writeheader()
writer.writerow({"x": 1, "y": "a,b"})
writer.writerow({"x": None, "y": 'q"'})
print(repr(out.getvalue()), list(csv.DictReader(io.StringIO("k,v\n1,2\n"))), csv.Sniffer().sniff("a;b;c\n1;2;3\n").delimiter)
# expect: 'x,y\n1,"a,b"\n,"q"""\n' [{'k': '1', 'v': '2'}] ;
config = configparser.ConfigParser()
config.read_string("[DEFAULT]\nbase = /root\n[one]\npath = %(base)s/one\nflag = yes\nn = 5\n")
print(config["one"]["path"], config.getboolean("one", "flag"), config.getint("one", "n"), config.sections(), config.get("one", "z", fallback="none"))
# expect: /root/one True 5 ['one'] none
try:
    config["missing"]
except KeyError as error:
    print("KeyError", error)
# expect: KeyError 'missing'
print(tomllib.loads('a = 1\n[t]\nb = [1, 2.5, "x"]\nd = 2024-01-02\n[[arr]]\nn = 1\n[[arr]]\nn = 0x1F'))
# expect: {'a': 1, 't': {'b': [1, 2.5, 'x'], 'd': datetime.date(2024, 1, 2)}, 'arr': [{'n': 1}, {'n': 31}]}
try:
    tomllib.loads("a = ")
except tomllib.TOMLDecodeError as error:
    print(error)
# expect: Invalid value (at end of document)
print(html.escape("<a href='x'>&</a>"), html.unescape("&lt;&eacute;&#8364;&amp;"))
# expect: &lt;a href=&#x27;x&#x27;&gt;&amp;&lt;/a&gt; <é€&


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.seen.append(data)


tags = Tags()
tags.feed("<p class='a'>Hi <b>there</b></p>")
print(tags.seen)  # expect: [('p', {'class': 'a'}), 'Hi ', ('b', {}), 'there']
data = b"hello world " * 50
packed = zlib.compress(data)
print(len(packed) < len(data), zlib.decompress(packed) == data, zlib.crc32(data), zlib.adler32(data), gzip.decompress(gzip.compress(data)) == data)
# expect: True True 632106509 2252988473 True
stream = zlib.compressobj(9)
parts = stream.compress(data) + stream.flush()
print(zlib.decompressobj().decompress(parts)[:11])  # expect: b'hello world'
try:
    zlib.decompress(b"not zlib")
except zlib.error as error:
    print(error)
# expect: Error -3 while decompressing data: incorrect header check
print(unicodedata.name("\u00e9"), unicodedata.category("A"), unicodedata.normalize("NFD", "\u00e9") == "e\u0301", unicodedata.normalize("NFC", "e\u0301") == "\u00e9", unicodedata.lookup("SNAKE"), unicodedata.numeric("\u00bd"), unicodedata.combining("\u0301"), unicodedata.bidirectional("a"), unicodedata.east_asian_width("\u65e5"), unicodedata.decimal("7"), unicodedata.normalize("NFKC", "\ufb01"))
# expect: LATIN SMALL LETTER E WITH ACUTE Lu True True 🐍 0.5 230 L W 7 fi
print(ipaddress.ip_address("192.168.1.1").is_private, ipaddress.ip_network("10.0.0.0/30").num_addresses, [str(h) for h in ipaddress.ip_network("10.0.0.0/30").hosts()], ipaddress.ip_address("::1").is_loopback, ipaddress.ip_address("10.0.0.5") in ipaddress.ip_network("10.0.0.0/8"))
# expect: True 4 ['10.0.0.1', '10.0.0.2'] True True
print(calendar.monthrange(2024, 2), calendar.isleap(2100), calendar.month(2024, 2))
# expect: (calendar.THURSDAY, 29) False    February 2024
# expect: Mo Tu We Th Fr Sa Su
# expect:           1  2  3  4
# expect:  5  6  7  8  9 10 11
# expect: 12 13 14 15 16 17 18
# expect: 19 20 21 22 23 24 25
# expect: 26 27 28 29
# expect:
print(uuid.UUID("12345678123456781234567812345678"), uuid.uuid5(uuid.NAMESPACE_DNS, "python.org"), uuid.uuid4().version)
# expect: 12345678-1234-5678-1234-567812345678 886313e1-3b8a-5372-9b90-0c9aee199e5d 4
print(fnmatch.filter(["a.py", "b.txt", "c.py"], "*.py"), fnmatch.fnmatchcase("abc", "a?[c-d]"), fnmatch.translate("*.p")[:4])
# expect: ['a.py', 'c.py'] True (?s:
print(list(graphlib.TopologicalSorter({"d": {"b", "c"}, "b": {"a"}, "c": {"b"}}).static_order()))
# expect: ['a', 'b', 'c', 'd']
try:
    graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
except graphlib.CycleError as error:
    print(error.args[0])
# expect: nodes are in a cycle
from email.message import EmailMessage
from email.parser import Parser

message = EmailMessage()
message["Subject"] = "Hi"
message["To"] = "a@b.c"
message.set_content("body text\n")
print(message.as_string())
# expect: Subject: Hi
# expect: To: a@b.c
# expect: Content-Type: text/plain; charset="utf-8"
# expect: Content-Transfer-Encoding: 7bit
# expect: MIME-Version: 1.0
# expect:
# expect: body text
# expect:
print(Parser().parsestr("From: x@y\nSubject: =?utf-8?q?caf=C3=A9?=\n\nbody")["From"])  # expect: x@y
