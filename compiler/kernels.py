"""One source, two speeds: a kernel runs as plain Python on small work, compiled by numba on large.

Compiling takes seconds the first time on a machine (numba keeps the result on disk), which a small
circuit should not pay. Which of the two runs is decided by the amount of work alone, so that the
same input gives the same bytes everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import FunctionType
from typing import Any, Generic, ParamSpec, TypeVar

Args = ParamSpec("Args")
Out = TypeVar("Out")


class Kernel(Generic[Args, Out]):
    """A function over numpy arrays that numba can compile.

    It may call other kernels of its own file (numba does not see changes in other files). Calling
    the kernel runs it as plain Python; `fast` is its compiled twin.
    """

    def __init__(self, function: Callable[Args, Out]) -> None:
        self.plain = function
        self.__doc__ = function.__doc__

    def __call__(self, *args: Args.args, **kwargs: Args.kwargs) -> Out:
        return self.plain(*args, **kwargs)

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
        twin.__module__, twin.__qualname__ = code.__module__, code.__qualname__
        compiled: Callable[Args, Out] = njit(cache=True)(twin)
        return compiled

    def sized(self, work: int, *, small: int) -> Callable[Args, Out]:
        """The twin for this much work: plain up to `small`."""
        return self.plain if work <= small else self.fast


def kernel(function: Callable[Args, Out]) -> Kernel[Args, Out]:
    """Make a kernel of a function."""
    return Kernel(function)
