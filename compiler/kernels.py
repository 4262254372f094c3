"""One source, two speeds: a kernel runs as plain Python on small work, compiled by numba on large.

Compiling takes seconds the first time on a machine (numba keeps the result on disk), which a small
circuit should not pay. Which of the two runs is decided by the amount of work alone, so that the
same input gives the same bytes everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from hashlib import blake2s
from types import FunctionType
from typing import Any, Generic, ParamSpec, TypeVar

Args = ParamSpec("Args")
Out = TypeVar("Out")


class Kernel(Generic[Args, Out]):
    """A function over numpy arrays that numba can compile.

    It may call other kernels. Calling it runs it as plain Python; `fast` is its compiled twin.
    """

    def __init__(self, function: Callable[Args, Out]) -> None:
        self.plain = function
        self.__doc__ = function.__doc__

    def __call__(self, *args: Args.args, **kwargs: Args.kwargs) -> Out:
        return self.plain(*args, **kwargs)

    @cached_property
    def digest(self) -> str:
        """A name for the code of the kernel and of those that it calls: numba's cache, which looks
        at one file only, is asked for it."""
        code: Any = self.plain
        parts = [code.__code__.co_code, repr(code.__code__.co_consts).encode()]
        for name in code.__code__.co_names:
            value = code.__globals__.get(name)
            if isinstance(value, Kernel):
                parts.append(name.encode() if value is self else value.digest.encode())
            else:
                parts.append(
                    f"{name}={value}".encode() if isinstance(value, (int, float)) else name.encode()
                )
        return blake2s(b"/".join(parts), digest_size=6).hexdigest()

    @cached_property
    def fast(self) -> Callable[Args, Out]:
        """The function compiled by numba, the kernels that it calls too."""
        from numba import njit

        code: Any = self.plain
        names = code.__globals__
        space = {
            k: v.fast if isinstance(v, Kernel) and v is not self else v
            for k, v in names.items()
            if k in code.__code__.co_names
        }
        space["__builtins__"] = names["__builtins__"]
        space["__name__"] = names["__name__"]
        twin = FunctionType(code.__code__, space, code.__name__, code.__defaults__)
        twin.__module__, twin.__qualname__ = code.__module__, f"{code.__qualname__}_{self.digest}"
        compiled: Callable[Args, Out] = njit(cache=True)(twin)
        return compiled

    def sized(self, work: int, *, small: int) -> Callable[Args, Out]:
        """The twin for this much work: plain up to `small`."""
        return self.plain if work <= small else self.fast


def kernel(function: Callable[Args, Out]) -> Kernel[Args, Out]:
    """Make a kernel of a function."""
    return Kernel(function)
