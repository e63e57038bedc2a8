"""Runs one test module of CPython's own test suite and prints one line for each test as it ends.

usage: run_module.py FOLDER MODULE [TEST ...]

FOLDER holds CPython's package `test`. Lines are `pass ID`, `skip ID` or `fail ID`; the caller counts them, so that the
tests before a crash count as well. TEST names a test or class inside the module; failures are then explained.
"""

import os
import sys
import unittest


class Result(unittest.TestResult):
    def __init__(self, explain):
        super().__init__()
        self.explain = explain
        self.subtest_failed = False

    def say(self, word, test, text=""):
        print(word, test.id(), flush=True)
        if text and self.explain:
            print(text, flush=True)

    def startTest(self, test):
        super().startTest(test)
        self.subtest_failed = False

    def addSuccess(self, test):
        self.say("fail" if self.subtest_failed else "pass", test)

    def addSkip(self, test, reason):
        self.say("skip", test)

    def addFailure(self, test, error):
        self.say("fail", test, self._exc_info_to_string(error, test) if self.explain else "")

    addError = addFailure

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.subtest_failed = True
            if self.explain:
                print(self._exc_info_to_string(error, test), flush=True)

    def addExpectedFailure(self, test, error):
        self.say("pass", test)

    def addUnexpectedSuccess(self, test):
        self.say("fail", test)


def main():
    folder, module, *names = sys.argv[1:]
    sys.path.insert(0, folder)
    sys.argv[1:] = []
    if "OROCHI_LIBRARY" in os.environ:
        # Interpreters that the tests start find the package by this variable: they must not be isolated from it.
        from test.support import script_helper

        script_helper.__cached_interp_requires_environment = True
    loader = unittest.TestLoader()
    full = "test." + module
    suite = loader.loadTestsFromNames([full + "." + name for name in names] or [full])
    suite.run(Result(bool(names)))
    print("end", module, flush=True)


if __name__ == "__main__":
    main()
