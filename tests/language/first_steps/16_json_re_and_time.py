# Larger modules.
import functools
import itertools
import json
import random
import re
import time

print(json.dumps({"a": [1, None, "x"]}), json.loads("[1, 2.5]"), re.findall(r"\d+", "a1b22"), re.sub("a", "b", "banana"))
# expect: {"a": [1, null, "x"]} [1, 2.5] ['1', '22'] bbnbnb
print(list(itertools.chain([1], [2])), functools.reduce(lambda a, b: a + b, [1, 2, 3]), random.Random(1).randint(1, 10), time.time() > 0)
# expect: [1, 2] 6 3 True
