# The traceback and linecache modules; frames; suggestions for misspelt names.
import traceback


def f():
    g()


def g():
    raise ValueError("deep")


try:
    f()
except ValueError as error:
    tb = error.__traceback__
    print([(s.name, s.line) for s in traceback.extract_tb(tb)])
    print(traceback.format_exception_only(error), traceback.format_exc().splitlines()[-1], traceback.format_exc().splitlines()[0])
    names = []
    while tb:
        names.append((tb.tb_frame.f_code.co_name, tb.tb_frame.f_lineno >= tb.tb_lineno))
        tb = tb.tb_next
    print(names)
# expect: [('<module>', 'f()'), ('f', 'g()'), ('g', 'raise ValueError("deep")')]
# expect: ['ValueError: deep\n'] ValueError: deep Traceback (most recent call last):
# expect: [('<module>', True), ('f', True), ('g', True)]


class Thing:
    colour = 1

    def method(self):
        return self.methid()


length = 5


def suggest(act):
    try:
        act()
    except Exception as error:
        print("".join(traceback.format_exception_only(error)).strip())


suggest(lambda: Thing().color)
# expect: AttributeError: 'Thing' object has no attribute 'color'. Did you mean: 'colour'?
suggest(lambda: Thing().method())
# expect: AttributeError: 'Thing' object has no attribute 'methid'. Did you mean: 'method'?
suggest(lambda: lenght)  # expect: NameError: name 'lenght' is not defined
suggest(lambda: [].apend)  # expect: AttributeError: 'list' object has no attribute 'apend'. Did you mean: 'append'?
suggest(lambda: pritn)  # expect: NameError: name 'pritn' is not defined
suggest(lambda: __import__("math").sqr)
# expect: AttributeError: module 'math' has no attribute 'sqr'. Did you mean: 'sqrt'?


def self_missing():
    class C:
        value = 1

        def get(self):
            return value

    C().get()


suggest(self_missing)  # expect: NameError: name 'value' is not defined
import sys

frame = sys._getframe()
print(frame.f_code.co_name, frame.f_globals is globals(), frame.f_locals is not None)  # expect: <module> True True


def caller():
    return sys._getframe(1).f_code.co_name, sys._getframe().f_lineno - sys._getframe().f_code.co_firstlineno


def calls():
    return caller()


print(calls())  # expect: ('calls', 1)
try:
    exec("x = (\n1 / 0\n)")
except ZeroDivisionError as error:
    print(error.__traceback__.tb_next.tb_lineno, error.__traceback__.tb_next.tb_frame.f_code.co_filename)
# expect: 2 <string>
try:
    compile("a b", "name.py", "exec")
except SyntaxError as error:
    print(error.filename, error.lineno, error.offset, error.text, error.msg)
    print("".join(traceback.format_exception_only(error)))
# expect: name.py 1 3 a b
# expect:  invalid syntax
# expect:   File "name.py", line 1
# expect:     a b
# expect:       ^
# expect: SyntaxError: invalid syntax
# expect:
print(traceback.format_list(traceback.extract_stack())[-1].splitlines()[-1].strip())
# expect: print(traceback.format_list(traceback.extract_stack())[-1].splitlines()[-1].strip())
