# The text of an uncaught chained exception, with carets and notes.
# exit: 1
def inner(values):
    return values["missing"] + 1


def middle(n):
    try:
        return inner({"n": n})
    except KeyError as error:
        error.add_note("a note")
        raise ValueError(f"bad {n}") from error


class Job:
    def run(self):
        return [middle(x) for x in (1, 2)]


print("before")  # expect: before
Job().run()
# stderr: Traceback (most recent call last):
# stderr:   File "FILE", line 9, in middle
# stderr:     return inner({"n": n})
# stderr:   File "FILE", line 4, in inner
# stderr:     return values["missing"] + 1
# stderr:            ~~~~~~^^^^^^^^^^^
# stderr: KeyError: 'missing'
# stderr: a note
# stderr: 
# stderr: The above exception was the direct cause of the following exception:
# stderr: 
# stderr: Traceback (most recent call last):
# stderr:   File "FILE", line 21, in <module>
# stderr:     Job().run()
# stderr:     ~~~~~~~~~^^
# stderr:   File "FILE", line 17, in run
# stderr:     return [middle(x) for x in (1, 2)]
# stderr:             ~~~~~~^^^
# stderr:   File "FILE", line 12, in middle
# stderr:     raise ValueError(f"bad {n}") from error
# stderr: ValueError: bad 1
