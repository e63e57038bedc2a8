# SQL databases: what `sqlite3` does with statements, rows, transactions, functions and blobs.
import gc
import sqlite3
import threading
import warnings


def fails(function, *args, **keywords):
    """What a call raises."""
    try:
        return "no error", function(*args, **keywords)
    except (sqlite3.Error, sqlite3.Warning, TypeError, ValueError, OverflowError, IndexError, UnicodeError) as error:
        return type(error).__name__, str(error)


db = sqlite3.connect(":memory:")
db.execute("create table items (id integer primary key, name text, price real, data blob)")
rows = [("bolt", 0.25, b"\x00\x01"), ("nüt", 1.5, None), ("\U0001f529", None, bytearray(b"ab")), ("cog", 7, memoryview(b"xyz"))]
cursor = db.executemany("insert into items (name, price, data) values (?, ?, ?)", rows)
print(cursor.rowcount, cursor.lastrowid, cursor.description, db.in_transaction, db.total_changes)
# expect: 4 None None True 4
db.commit()
cursor = db.execute("select id, name, price, data from items order by id")
print([column[0] for column in cursor.description], cursor.fetchone(), cursor.fetchmany(2), cursor.fetchall(), cursor.fetchall())
# expect: ['id', 'name', 'price', 'data'] (1, 'bolt', 0.25, b'\x00\x01') [(2, 'nüt', 1.5, None), (3, '🔩', None, b'ab')] [(4, 'cog', 7.0, b'xyz')] []
print(list(db.execute("select count(*), sum(price), max(name) from items where price > :least", {"least": 1})))
# expect: [(2, 8.5, 'nüt')]
print(db.execute("update items set price = price * 2 where price is not null").rowcount, db.in_transaction)
# expect: 3 True
db.rollback()
print(db.execute("select price from items where id = ?", (4,)).fetchone(), db.in_transaction)  # expect: (7.0,) False
print(db.execute("insert into items (name) values ('x') returning id, name").fetchall(), db.execute("-- nothing").fetchall())
# expect: [(5, 'x')] []

# What cannot be.
print(fails(db.execute, "selec 1"), fails(db.execute, "select 1; select 2"), fails(db.execute, "select 1\0"))
# expect: ('OperationalError', 'near "selec": syntax error') ('ProgrammingError', 'You can only execute one statement at a time.') ('ProgrammingError', 'the query contains a null character')
print(fails(db.execute, "select ?", (1, 2)), fails(db.execute, "select :a", {"b": 1}), fails(db.execute, "select ?", {"a": 1}))
# expect: ('ProgrammingError', 'Incorrect number of bindings supplied. The current statement uses 1, and there are 2 supplied.') ('ProgrammingError', 'You did not supply a value for binding parameter :a.') ('ProgrammingError', 'Binding 1 has no name, but you supplied a dictionary (which has only names).')
print(fails(db.execute, "select ?", (object(),))[0], fails(db.execute, "select ?", (2**63,)), fails(db.execute, "select ?", ("\ud800",))[0])
# expect: ProgrammingError ('OverflowError', 'Python int too large to convert to SQLite INTEGER') UnicodeEncodeError
print(fails(db.execute, "insert into items (id) values (1)"), fails(db.executemany, "select ?", [(1,)]))
# expect: ('IntegrityError', 'UNIQUE constraint failed: items.id') ('ProgrammingError', 'executemany() can only execute DML statements.')
try:
    db.execute("insert into items (id) values (1)")
except sqlite3.IntegrityError as error:
    print(error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, error.sqlite_errorname)
# expect: True SQLITE_CONSTRAINT_PRIMARYKEY
print(fails(sqlite3.connect, "/nowhere/at/all.db"), fails(sqlite3.connect, ":memory:", isolation_level="LATER"))
# expect: ('OperationalError', 'unable to open database file') ('ValueError', "isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'")
db.rollback()

# Transactions by `with`.
with db:
    db.execute("insert into items (id, name) values (100, 'kept')")
try:
    with db:
        db.execute("insert into items (id, name) values (101, 'dropped')")
        raise KeyError("no")
except KeyError:
    pass
print(db.execute("select id from items where id > 99").fetchall(), db.isolation_level, db.autocommit)
# expect: [(100,)]  -1
auto = sqlite3.connect(":memory:", autocommit=False)
auto.execute("create table t (x)")
print(auto.in_transaction, auto.autocommit)  # expect: True False
auto.rollback()
print(fails(auto.execute, "select * from t"))  # expect: ('OperationalError', 'no such table: t')
auto.autocommit = True
print(auto.in_transaction, auto.autocommit)  # expect: False True
auto.close()
print(fails(auto.execute, "select 1"))  # expect: ('ProgrammingError', 'Cannot operate on a closed database.')
db.executescript("create table a (x); insert into a values (1); /* more */ insert into a values (2); -- end\n")
print(db.execute("select x from a").fetchall())  # expect: [(1,), (2,)]

# Rows by name, factories.
db.row_factory = sqlite3.Row
row = db.execute("select id, name as Label from items order by id").fetchone()
print(row.keys(), row["label"], row[-1], len(row), tuple(row), row[0:1], fails(row.__getitem__, "other"), dict(row))
# expect: ['id', 'Label'] bolt bolt 2 (1, 'bolt') (1,) ('IndexError', 'No item with that key') {'id': 1, 'Label': 'bolt'}
print(row == db.execute("select id, name as Label from items order by id").fetchone(), hash(row) == hash(row), isinstance(row, sqlite3.Row))
# expect: True True True
db.row_factory = lambda cursor, row: {column[0]: value for column, value in zip(cursor.description, row)}
print(db.execute("select 1 as one, 'two' as two").fetchone())  # expect: {'one': 1, 'two': 'two'}
db.row_factory = None
db.text_factory = bytes
print(db.execute("select 'é'").fetchone())  # expect: (b'\xc3\xa9',)
db.text_factory = lambda text: text.decode("latin-1")
print(db.execute("select 'é'").fetchone())  # expect: ('Ã©',)
db.text_factory = str
print(fails(db.execute("select cast(x'ff41' as text) as broken").fetchone)[0])  # expect: OperationalError

# Functions, aggregates, orders, hooks.
db.create_function("double", 1, lambda x: x * 2, deterministic=True)
db.create_function("broken", 0, lambda: 1 / 0)
db.create_function("many", -1, lambda *args: len(args))
print(db.execute("select double(21), double('ab'), many(), many(1, 2, null)").fetchone(), fails(db.execute, "select broken()"))
# expect: (42, 'abab', 0, 3) ('OperationalError', 'user-defined function raised exception')


class Range:
    def __init__(self):
        self.values = []

    def step(self, value):
        self.values.append(value)

    def inverse(self, value):
        self.values.remove(value)

    def value(self):
        return max(self.values) - min(self.values)

    finalize = value


class NoStep:
    pass


db.create_aggregate("spread", 1, Range)
db.create_window_function("sliding", 1, Range)
db.create_aggregate("hollow", 1, NoStep)
print(db.execute("select spread(column1) from (values (3), (10), (4))").fetchone(), fails(db.execute, "select hollow(1)"))
# expect: (7,) ('OperationalError', "user-defined aggregate's 'step' method not defined")
print(db.execute("select sliding(column1) over (rows between 1 preceding and current row) from (values (3), (10), (4))").fetchall())
# expect: [(0,), (7,), (6,)]
db.create_collation("backwards", lambda a, b: (a < b) - (a > b))
print(db.execute("select column1 from (values ('a'), ('c'), ('b')) order by column1 collate backwards").fetchall())
# expect: [('c',), ('b',), ('a',)]
db.create_collation("backwards", None)
print(fails(db.execute, "select 'a' = 'b' collate backwards"))
# expect: ('OperationalError', 'no such collation sequence: backwards')
log = []
db.set_trace_callback(log.append)
db.execute("select ?", (5,)).fetchall()
db.set_trace_callback(None)
db.set_authorizer(lambda action, *names: sqlite3.SQLITE_DENY if "items" in names else sqlite3.SQLITE_OK)
print(log, fails(db.execute, "select name from items"))
# expect: ['select 5'] ('DatabaseError', 'access to items.name is prohibited')
db.set_authorizer(None)
steps = []
db.set_progress_handler(lambda: steps.append(1) or len(steps) > 3, 100)
print(fails(db.execute, "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"))
# expect: ('OperationalError', 'interrupted')
db.set_progress_handler(None, 0)


def again():
    """A function that uses the connection of the statement that calls it."""
    return db.execute("select count(*) from a").fetchone()[0]


db.create_function("again", 0, again)
print(db.execute("select x, again() from a").fetchall())  # expect: [(1, 2), (2, 2)]

# Adapters and converters.


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __conform__(self, protocol):
        return f"{self.x};{self.y}" if protocol is sqlite3.PrepareProtocol else None


sqlite3.register_adapter(complex, lambda z: f"{z.real}:{z.imag}")
sqlite3.register_converter("point", lambda text: tuple(map(int, text.split(b";"))))
typed = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES)
typed.execute("create table p (at point(2), other)")
typed.execute("insert into p values (?, ?)", (Point(3, 4), 1 + 2j))
cursor = typed.execute('select at, other, at as "again [point]", other as "plain [none]" from p')
print(cursor.fetchall(), [column[0] for column in cursor.description])
# expect: [((3, 4), '1.0:2.0', (3, 4), '1.0:2.0')] ['at', 'other', 'again', 'plain']

# Blobs, copies, dumps, limits.
db.execute("insert into items (id, data) values (200, zeroblob(6))")
with db.blobopen("items", "data", 200) as blob:
    blob.write(b"abc")
    blob[-1] = 122
    blob[3:5] = b"de"
    blob.seek(1)
    print(len(blob), blob.read(2), blob.tell(), blob[0], blob[::2], fails(blob.write, b"long" * 3), fails(blob.__getitem__, 9))
# expect: 6 b'bc' 3 97 b'ace' ('ValueError', 'data longer than blob length') ('IndexError', 'Blob index out of range')
print(db.execute("select data from items where id = 200").fetchone(), fails(blob.read))
# expect: (b'abcdez',) ('ProgrammingError', 'Cannot operate on a closed blob.')
db.commit()
copy = sqlite3.connect(":memory:")
pages = []
db.backup(copy, pages=2, progress=lambda status, left, all: pages.append(left))
print(copy.execute("select count(*) from items").fetchone(), pages[-1])  # expect: (6,) 0
restored = sqlite3.connect(":memory:")
restored.deserialize(db.serialize())
print(restored.execute("select x from a").fetchall(), [line for line in restored.iterdump() if " \"a\" " in line])
# expect: [(1,), (2,)] ['INSERT INTO "a" VALUES(1);', 'INSERT INTO "a" VALUES(2);']
print(db.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 10) > 10, db.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER), fails(db.getlimit, 1000))
# expect: True 10 ('ProgrammingError', "'category' is out of bounds")
print(db.getconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_FKEY), db.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_FKEY), db.getconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_FKEY))
# expect: False None True
print(sqlite3.complete_statement("select 1;"), sqlite3.complete_statement("select 1"), sqlite3.apilevel, sqlite3.paramstyle)
# expect: True False 2.0 qmark

# Cursors and connections that may not be used.
closed = db.cursor()
closed.close()
print(fails(closed.execute, "select 1"), fails(sqlite3.Cursor.execute, sqlite3.Cursor.__new__(sqlite3.Cursor), "select 1"))
# expect: ('ProgrammingError', 'Cannot operate on a closed cursor.') ('ProgrammingError', 'Base Cursor.__init__ not called.')


refused = []


def from_thread():
    refused.append(fails(db.execute, "select 1"))


thread = threading.Thread(target=from_thread)
thread.start()
thread.join()
print(refused[0][0], refused[0][1].startswith("SQLite objects created in a thread can only be used in that same thread."))
# expect: ProgrammingError True
cursor = db.cursor()
db.create_function("recur", 0, lambda: cursor.execute("select 1").fetchone()[0])
sqlite3.enable_callback_tracebacks(False)
print(fails(cursor.execute, "select recur()"))  # expect: ('OperationalError', 'user-defined function raised exception')
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    restored = None
    gc.collect()
print([str(w.message).startswith("unclosed database in <sqlite3.Connection object at") for w in caught])
# expect: [True]
for connection in (db, copy, typed):
    connection.close()

# A connection that threads share: each statement sees its own rows, and all changes arrive.
shared = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
shared.execute("create table n (worker, value)")
shared.create_function("plus", 2, lambda a, b: a + b)


def work(worker):
    for value in range(50):
        shared.execute("insert into n values (?, plus(?, 1))", (worker, value))
        assert shared.execute("select ?, count(*) from n where worker = ?", (value, worker)).fetchall() == [(value, value + 1)]


workers = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(shared.execute("select worker, count(*), sum(value) from n group by worker").fetchall())
# expect: [(0, 50, 1275), (1, 50, 1275), (2, 50, 1275), (3, 50, 1275)]
shared.close()

# The same text by many threads at once, each in need of a statement of its own, while functions collect garbage.
shared = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None, cached_statements=2)
shared.create_function("collecting", 1, lambda x: gc.collect(0) * 0 + x)


def same(results):
    for value in range(20):
        cursor = shared.execute("select collecting(?) union all select 2 union all select 3", (value,))
        results.append(cursor.fetchone() == (value,))


results = []
workers = [threading.Thread(target=same, args=(results,)) for _ in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(len(results), all(results))
# expect: 80 True
shared.close()
