"""What the programs that fork have in common."""

import os
import time


def exit_code_of(pid, seconds=100):
    """The exit code of a child, which has to end in that time."""
    deadline = time.monotonic() + seconds
    while True:
        done, ended = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(ended)
        if time.monotonic() > deadline:
            os.kill(pid, 9)
            raise AssertionError("a child hangs")
        time.sleep(0.001)
