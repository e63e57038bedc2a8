# sys.breakpointhook calls what PYTHONBREAKPOINT names.
import os
import sys
import warnings


def called(*args, **keywords):
    print("called", args, keywords)
    return "answer"


sys.modules["hooks"] = sys.modules["__main__"]
os.environ["PYTHONBREAKPOINT"] = "hooks.called"
print(breakpoint(1, two=2))
# expect: called (1,) {'two': 2}
# expect: answer
os.environ["PYTHONBREAKPOINT"] = "0"
print(breakpoint(), breakpoint(1, two=2))  # expect: None None
os.environ["PYTHONBREAKPOINT"] = "int"
print(breakpoint("7"))  # expect: 7
for name in ["nowhere.at_all", "nothing", "os.nothing", ".int", "int.", "."]:
    os.environ["PYTHONBREAKPOINT"] = name
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        print(breakpoint(), seen[0].category.__name__, seen[0].message)
# expect: None RuntimeWarning Ignoring unimportable $PYTHONBREAKPOINT: "nowhere.at_all"
# expect: None RuntimeWarning Ignoring unimportable $PYTHONBREAKPOINT: "nothing"
# expect: None RuntimeWarning Ignoring unimportable $PYTHONBREAKPOINT: "os.nothing"
# expect: None RuntimeWarning Ignoring unimportable $PYTHONBREAKPOINT: ".int"
# expect: None RuntimeWarning Ignoring unimportable $PYTHONBREAKPOINT: "int."
# expect: None RuntimeWarning Ignoring unimportable $PYTHONBREAKPOINT: "."
os.environ["PYTHONBREAKPOINT"] = ""
import pdb

pdb.set_trace = called
print(breakpoint())
# expect: called () {}
# expect: answer
