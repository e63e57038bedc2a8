# Annotations of functions, classes, modules and variables; type parameters; type aliases.
from typing import get_type_hints

x: int = 5
y: "list[int]"
import __main__

print(__main__.__annotations__)  # expect: {'x': <class 'int'>, 'y': 'list[int]'}


def f(a: int, b: "str" = "x", *args: float, c: list[int] | None = None, **kw: dict) -> tuple[int, ...]:
    local: int = 1
    undefined_local: no_such_name
    return a, local


print(f(1), f.__annotations__, get_type_hints(f)["b"])
# expect: (1, 1) {'a': <class 'int'>, 'b': 'str', 'args': <class 'float'>, 'c': list[int] | None, 'kw': <class 'dict'>, 'return': tuple[int, ...]} <class 'str'>


class C:
    a: int
    b: str = "b"
    c: "C" = None

    def m(self, other: "C") -> "C":
        self.attr: int = 5
        return self


print(C.__annotations__, hasattr(C, "a"), C.b, C().m(None).attr, get_type_hints(C)["c"])
# expect: {'a': <class 'int'>, 'b': <class 'str'>, 'c': 'C'} False b 5 <class '__main__.C'>


def generic[T](x: T, y: list[T]) -> T:
    return x


class Box[T, *Ts, **P]:
    def __init__(self, value: T):
        self.value = value

    def get[U: (int, str)](self, other: U) -> T | U:
        return self.value


type Alias[K] = dict[K, list[Alias[K]]]
type Simple = int | str
print(generic(1, []), generic.__type_params__, Box.__type_params__, Box[int, str, [int]], Box(5).get(1), Alias, Alias.__type_params__, Simple.__value__, Simple.__name__, Alias.__value__)
# expect: 1 (T,) (T, Ts, P) __main__.Box[int, str, [int]] 5 Alias (K,) int | str Simple dict[K, list[Alias[K]]]
print(Box.get.__type_params__[0].__constraints__, generic.__annotations__, Box.__parameters__, Box.__orig_bases__)
# expect: (<class 'int'>, <class 'str'>) {'x': T, 'y': list[T], 'return': T} (T, Ts, P) (typing.Generic[T, typing.Unpack[Ts], P],)


class Bound[T: int]:
    pass


print(Bound.__type_params__[0].__bound__, Bound[bool], isinstance(Bound(), Bound), Bound.__mro__[1])
# expect: <class 'int'> __main__.Bound[bool] True <class 'typing.Generic'>
print(int | str, int | None, list[int] | str, isinstance(5, int | str), (int | str) == (str | int), list[int], dict[str, list[int]], tuple[()], type[int], (int | str).__args__)
# expect: int | str int | None list[int] | str True True list[int] dict[str, list[int]] tuple[()] type[int] (<class 'int'>, <class 'str'>)
from typing import Any, Callable, Generic, Literal, Optional, Protocol, TypeVar, Union, cast, runtime_checkable

T = TypeVar("T")


class Old(Generic[T]):
    pass


@runtime_checkable
class HasLen(Protocol):
    def __len__(self) -> int: ...


print(Old[int], isinstance([], HasLen), isinstance(5, HasLen), Callable[[int], str], Literal["a", 1], Any, cast(int, "x"), T, Old.__parameters__)
# expect: __main__.Old[int] True False typing.Callable[[int], str] typing.Literal['a', 1] typing.Any x ~T (~T,)


def default[T = int](x: T) -> T:
    return x


print(default.__type_params__[0].__default__)  # expect: <class 'int'>
try:
    list[int]()[0]
except IndexError as error:
    print(error)
# expect: list index out of range
try:
    isinstance([], list[int])
except TypeError as error:
    print(error)
# expect: isinstance() argument 2 cannot be a parameterized generic
try:
    int | 5
except TypeError as error:
    print(error)
# expect: unsupported operand type(s) for |: 'type' and 'int'
