"""`datetime`, `time`: text to dates and back."""

import datetime
import time

from fuzz_support import Input, check, is_large, outcome


def run(data):
    given = Input(data, 5)
    numbers = [given.number(0, 255) for _ in range(5)]
    text, layout = given.text()[:60], given.text()[:60]
    found = []
    for kind in (datetime.datetime, datetime.date, datetime.time):
        found.append(outcome(kind.fromisoformat, text))
        try:
            value = kind.fromisoformat(text)
        except ValueError:
            continue
        check(kind.fromisoformat(value.isoformat()) == value, text)
    found += [outcome(datetime.datetime.strptime, text, layout), outcome(time.strptime, text, layout)]
    y, m, d, h, s = numbers
    try:
        moment = datetime.datetime(y * 40 + 1, m % 12 + 1, d % 31 + 1, h % 24, s % 60, s % 59, (y * m * d) % 10**6)
    except ValueError:
        return found
    if not is_large(layout, 3):
        found += [outcome(moment.strftime, layout), outcome(time.strftime, layout, moment.timetuple())]
        found.append(outcome(format, moment, layout))
    span = datetime.timedelta(d - 100, s * h, m * y)
    found += [repr(span), str(span), outcome(lambda: moment + span), outcome(lambda: span / (h - 7)), span // (s + 1)]
    check((span * 3) // 3 == span and datetime.datetime.fromisoformat(moment.isoformat()) == moment, moment, span)
    found += [moment.isocalendar(), moment.toordinal(), moment.ctime(), outcome(time.asctime, (y, m, d, h, s, 1, 1, 1, 0))]
    return [str(f) for f in found]
