# Dates, times, spans and zones: the native module's corners.
import copy
import datetime as module
import pickle
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo


def error(f, *args, **kwargs):
    try:
        print("nothing", f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


# The types are native, with the module's name.
print(module.datetime.__module__, type(module.date.fromordinal).__name__, date.__base__.__name__, datetime.__base__)
# expect: datetime builtin_function_or_method object <class 'datetime.date'>
print(repr(UTC), timezone.utc is UTC, timezone(timedelta(0)) is UTC, timezone.min, timezone.max)
# expect: datetime.timezone.utc True True UTC-23:59 UTC+23:59
print(date.min, date.max, datetime.min, datetime.max, time.max, timedelta.min, timedelta.resolution)
# expect: 0001-01-01 9999-12-31 0001-01-01 00:00:00 9999-12-31 23:59:59.999999 23:59:59.999999 -999999999 days, 0:00:00 0:00:00.000001

# Construction and its errors.
print(date(2024, 2, 29), datetime(2024, 2, 29, 1, 2, 3, 4, UTC), time(1, 2, fold=1), timedelta(weeks=1, hours=-1))
# expect: 2024-02-29 2024-02-29 01:02:03.000004+00:00 01:02:00 6 days, 23:00:00
error(date, 2023, 2, 29)  # expect: ValueError day 29 must be in range 1..28 for month 2 in year 2023
error(date, 0, 1, 1)  # expect: ValueError year must be in 1..9999, not 0
error(datetime, 2023, 13, 1)  # expect: ValueError month must be in 1..12, not 13
error(datetime, 2023, 1, 1, 24)  # expect: ValueError hour must be in 0..23, not 24
error(time, 1, 60)  # expect: ValueError minute must be in 0..59, not 60
error(time, fold=2)  # expect: ValueError fold must be either 0 or 1, not 2
error(date)  # expect: TypeError function missing required argument 'year' (pos 1)
error(date, 1.0, 1, 1)  # expect: TypeError 'float' object cannot be interpreted as an integer
error(date, 10**30, 1, 1)  # expect: OverflowError Python int too large to convert to C long
error(date, 2**40, 1, 1)  # expect: OverflowError signed integer is greater than maximum
error(datetime, 1, 1, 1, tzinfo=3)
# expect: TypeError tzinfo argument must be None or of a tzinfo subclass, not type 'int'
error(timedelta, "1")  # expect: TypeError unsupported type for timedelta days component: str
error(timedelta, float("nan"))  # expect: ValueError cannot convert float NaN to integer
error(timedelta, days=10**9)  # expect: OverflowError days=1000000000; must have magnitude <= 999999999
error(timedelta, days=10**20)  # expect: OverflowError Python int too large to convert to C int
print(timedelta(days=10**30, hours=-24 * 10**30), timedelta(microseconds=0.5), timedelta(microseconds=1.5))
# expect: 0:00:00 0:00:00 0:00:00.000002
error(timezone, timedelta(days=1))
# expect: ValueError offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not datetime.timedelta(days=1)
error(timezone, 1)  # expect: TypeError timezone() argument 1 must be datetime.timedelta, not int
error(timezone, timedelta(1 / 24), None)  # expect: TypeError timezone() argument 2 must be str, not None

# Arithmetic.
day, delta = date(2024, 3, 1), timedelta(days=1, hours=1, microseconds=1)
print(day - delta, day - date(2023, 3, 1), delta * 3, delta / 2, delta // 7, delta % timedelta(hours=1))
# expect: 2024-02-29 366 days, 0:00:00 3 days, 3:00:00.000003 12:30:00 3:34:17.142857 0:00:00.000001
print(divmod(delta, timedelta(hours=2)), delta / timedelta(hours=1), -delta, abs(-delta), delta * 0.1, delta / 0.3)
# expect: (12, datetime.timedelta(seconds=3600, microseconds=1)) 25.000000000277776 -2 days, 22:59:59.999999 1 day, 1:00:00.000001 2:30:00 3 days, 11:20:00.000003
print(delta * 10**6, 2 * delta, +delta, bool(timedelta()), delta.total_seconds())
# expect: 1041666 days, 16:00:01 2 days, 2:00:00.000002 1 day, 1:00:00.000001 False 90000.000001
error(lambda: delta * 10**15)  # expect: OverflowError Python int too large to convert to C int
error(lambda: delta * 2**200)  # expect: OverflowError Python int too large to convert to C int
error(lambda: delta / 0)  # expect: ZeroDivisionError division by zero
error(lambda: delta // timedelta())  # expect: ZeroDivisionError division by zero
error(lambda: date.max + timedelta(1))  # expect: OverflowError date value out of range
error(lambda: datetime.min - timedelta(microseconds=1))  # expect: OverflowError date value out of range
error(lambda: day + 1)  # expect: TypeError unsupported operand type(s) for +: 'datetime.date' and 'int'
print(timedelta() * 2**200, hash(timedelta(1)) == hash(timedelta(hours=24)))  # expect: 0:00:00 True

# Zones: what they answer is checked, and asked for with the datetime.
class Odd(tzinfo):
    def __init__(self, answer=None):
        self.answer = answer

    def utcoffset(self, about):
        return self.answer

    dst = tzname = utcoffset


naive, aware = datetime(2024, 1, 1, 12), datetime(2024, 1, 1, 12, tzinfo=UTC)
east = timezone(timedelta(hours=5, minutes=30), "IST")
print(aware.astimezone(east), aware.astimezone(east).tzname(), aware == aware.astimezone(east), aware - naive.replace(tzinfo=east))
# expect: 2024-01-01 17:30:00+05:30 IST True 5:30:00
for answer in (None, timedelta(hours=-3, seconds=-1), timedelta(days=1), 5):
    odd = naive.replace(tzinfo=Odd(answer))
    error(odd.utcoffset)
    error(odd.isoformat)
    error(odd.tzname)
# expect: nothing None
# expect: nothing 2024-01-01T12:00:00
# expect: nothing None
# expect: nothing -1 day, 20:59:59
# expect: nothing 2024-01-01T12:00:00-03:00:01
# expect: TypeError tzinfo.tzname() must return None or a string, not 'datetime.timedelta'
# expect: ValueError offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not datetime.timedelta(days=1)
# expect: ValueError offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not datetime.timedelta(days=1)
# expect: TypeError tzinfo.tzname() must return None or a string, not 'datetime.timedelta'
# expect: TypeError tzinfo.utcoffset() must return None or timedelta, not 'int'
# expect: TypeError tzinfo.utcoffset() must return None or timedelta, not 'int'
# expect: TypeError tzinfo.tzname() must return None or a string, not 'int'
error(lambda: naive < aware)  # expect: TypeError can't compare offset-naive and offset-aware datetimes
error(lambda: naive - aware)  # expect: TypeError can't subtract offset-naive and offset-aware datetimes
print(naive == aware, naive.time() == time(12), time(1, tzinfo=UTC) == time(6, 30, tzinfo=east))
# expect: False True True
error(tzinfo().utcoffset, None)  # expect: NotImplementedError a tzinfo subclass must implement utcoffset()
error(UTC.utcoffset, 3)  # expect: TypeError utcoffset(dt) argument must be a datetime instance or None, not int
error(east.fromutc, naive)  # expect: ValueError fromutc: dt.tzinfo is not self
print(hash(aware) == hash(aware.astimezone(east)), len({aware, aware.astimezone(east)}))  # expect: True 1

# Text.
moment = datetime(2024, 5, 6, 7, 8, 9, 123456, east)
print(moment, repr(moment), moment.isoformat("\u2603", "milliseconds"), time(1, 2).isoformat("hours"), day.ctime())
# expect: 2024-05-06 07:08:09.123456+05:30 datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=datetime.timezone(datetime.timedelta(seconds=19800), 'IST')) 2024-05-06☃07:08:09.123+05:30 01 Fri Mar  1 00:00:00 2024
print(moment.strftime("%Y|%z|%:z|%Z|%f|%%z"), date(7, 1, 2).strftime("%Y %F %C"), f"{moment:%H\u2603%M}")
# expect: 2024|+0530|+05:30|IST|123456|%z 0007 0007-01-02 00 07☃08
print(moment.isocalendar(), moment.isocalendar().week, date(2020, 12, 31).isocalendar()[:2], moment.timetuple()[:8])
# expect: datetime.IsoCalendarDate(year=2024, week=19, weekday=1) 19 (2020, 53) (2024, 5, 6, 7, 8, 9, 0, 127)
error(moment.isoformat, "ab")
# expect: TypeError isoformat() argument 1 must be a unicode character, not a string of length 2
error(moment.isoformat, timespec="days")  # expect: ValueError Unknown timespec value
for text in ("2024-05-06", "20240506T07", "2024-W19-1T07:08:09,5Z", "2024-05-06 24:00", "2024-05-06\ud80007:08+05:30:10.25"):
    print(repr(datetime.fromisoformat(text)))
# expect: datetime.datetime(2024, 5, 6, 0, 0)
# expect: datetime.datetime(2024, 5, 6, 7, 0)
# expect: datetime.datetime(2024, 5, 6, 7, 8, 9, 500000, tzinfo=datetime.timezone.utc)
# expect: datetime.datetime(2024, 5, 7, 0, 0)
# expect: datetime.datetime(2024, 5, 6, 7, 8, tzinfo=datetime.timezone(datetime.timedelta(seconds=19810, microseconds=250000)))
for text in ("2024-5-06", "2024-05-06T25", "2024-05-06T24:01", "2024-05-06T07:", "x", "2024-05-06T07:08+"):
    error(datetime.fromisoformat, text)
# expect: ValueError Invalid isoformat string: '2024-5-06'
# expect: ValueError hour must be in 0..23, not 25
# expect: ValueError minute, second, and microsecond must be 0 when hour is 24
# expect: ValueError Invalid isoformat string: '2024-05-06T07:'
# expect: ValueError Invalid isoformat string: 'x'
# expect: ValueError Invalid isoformat string: '2024-05-06T07:08+'
print(time.fromisoformat("T0405"), date.fromisoformat("2024W101"), date.fromisocalendar(2020, 53, 7))
# expect: 04:05:00 2024-03-04 2021-01-03
error(date.fromisocalendar, 2021, 53, 1)  # expect: ValueError Invalid week: 53
error(date.fromisoformat, "2024-05-\u0660\u0661")  # expect: ValueError Invalid isoformat string: '2024-05-٠١'

# Timestamps.
print(aware.timestamp(), datetime.fromtimestamp(-0.5, UTC), datetime.fromtimestamp(1e9 + 0.0000005, UTC))
# expect: 1704110400.0 1969-12-31 23:59:59.500000+00:00 2001-09-09 01:46:40+00:00
error(datetime.fromtimestamp, float("nan"))  # expect: ValueError Invalid value NaN (not a number)
error(datetime.fromtimestamp, 1e300, UTC)  # expect: OverflowError timestamp out of range for platform time_t
error(datetime.fromtimestamp, "1")  # expect: TypeError 'str' object cannot be interpreted as an integer
error(date.fromtimestamp, None)  # expect: TypeError 'NoneType' object cannot be interpreted as an integer

# Subclasses are called for results, and keep what they add.
class Stamp(datetime):
    def __new__(cls, *args, **kwargs):
        self = super().__new__(cls, *args, **kwargs)
        self.note = len(args)
        return self


stamp = Stamp(2024, 1, 1, fold=1)
print(type(stamp + delta).__name__, (stamp + delta).note, type(stamp.replace(year=2)).__name__, stamp.replace(day=2).fold)
# expect: Stamp 8 Stamp 1
print(repr(stamp), type(Stamp.fromisoformat("2024-01-01")).__name__, type(stamp.date()).__name__, stamp == datetime(2024, 1, 1))
# expect: Stamp(2024, 1, 1, 0, 0, fold=1) Stamp date True

# Copies and pickles, with the fold from protocol 4 on.
for v in (day, stamp, moment, time(1, fold=1, tzinfo=east), delta, UTC, east, day.isocalendar()):
    for protocol in (2, 5):
        back = pickle.loads(pickle.dumps(v, protocol))
        print(type(back).__name__, back == v, getattr(back, "fold", "-"), end=" ")
    print(copy.deepcopy(v) == v, copy.copy(v) == v)
# expect: date True - date True - True True
# expect: Stamp True 0 Stamp True 1 True True
# expect: datetime True 0 datetime True 0 True True
# expect: time True 0 time True 1 True True
# expect: timedelta True - timedelta True - True True
# expect: timezone True - timezone True - True True
# expect: timezone True - timezone True - True True
# expect: tuple True - tuple True - True True
print(date(b"\x07\xe8\x02\x1d"), datetime("\x07\xe8\x82\x1d\x01\x02\x03\x00\x00\x04", UTC).fold)  # expect: 2024-02-29 1
error(datetime, b"\x07\xe8\x02\x1d\x01\x02\x03\x00\x00\x04", 3)  # expect: TypeError bad tzinfo state arg
error(date, "\u0107\xe8\x02\x1d")
# expect: ValueError Failed to encode latin1 string when unpickling a date object. pickle.load(data, encoding='latin1') is assumed.
