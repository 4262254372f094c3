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
from zlib import crc32

Args = ParamSpec("Args")
Out = TypeVar("Out")


class Kernel(Generic[Args, Out]):
    """A function over numpy arrays that numba can compile; it may call other kernels.

    Calling the kernel runs it as plain Python; `fast` is its compiled twin.
    """

    def __init__(self, function: Callable[Args, Out], **options: bool) -> None:
        self.plain = function
        self._options = options
        self.__doc__ = function.__doc__

    def __call__(self, *args: Args.args, **kwargs: Args.kwargs) -> Out:
        return self.plain(*args, **kwargs)

    @cached_property
    def fast(self) -> Callable[Args, Out]:
        """The function compiled by numba, the kernels that it calls too."""
        return self._compiled(cache=True)

    @property
    def ready(self) -> bool:
        """Whether its compiled twin is there already, in this process."""
        return bool(getattr(self.__dict__.get("fast"), "signatures", False))

    @cached_property
    def inner(self) -> Callable[Args, Out]:
        """The same for other kernels alone: the way in from Python takes half of the compiling."""
        return self._compiled(no_cpython_wrapper=True, no_cfunc_wrapper=True)

    def _compiled(self, **options: bool) -> Callable[Args, Out]:
        from numba import njit

        code: Any = self.plain
        names = code.__globals__
        used = {k: v for k, v in self._names().items() if v is not self}
        space = {k: v.inner if isinstance(v, Kernel) else v for k, v in used.items()}
        space["__builtins__"] = names["__builtins__"]
        space["__name__"] = names["__name__"]
        twin = FunctionType(code.__code__, space, code.__name__, code.__defaults__)
        twin.__module__ = code.__module__
        # numba's cache sees changes in this file alone: the name under which it keeps the result
        # tells of all the rest.
        twin.__qualname__ = f"{code.__qualname__}_{crc32(self.content.encode()):08x}"
        compiled: Callable[Args, Out] = _one_kind_of_integer(njit(**options, **self._options)(twin))
        return compiled

    def _names(self) -> dict[str, Any]:
        """The globals that the function uses."""
        code: Any = self.plain
        return {k: v for k, v in code.__globals__.items() if k in code.__code__.co_names}

    @cached_property
    def content(self) -> str:
        """All that its compiled twin depends on."""
        code: Any = self.plain
        constants = [c for c in code.__code__.co_consts if not hasattr(c, "co_code")]
        used = [
            (k, v.content if isinstance(v, Kernel) else v)
            for k, v in sorted(self._names().items())
            if v is not self and isinstance(v, (Kernel, int, float, str))
        ]
        return repr((code.__code__.co_code, constants, used, self._options))

    def sized(self, work: int, *, small: int) -> Callable[Args, Out]:
        """The twin for this much work: plain up to `small`."""
        return self.plain if work <= small else self.fast

    def at_hand(self, work: int, *, small: int) -> Callable[Args, Out]:
        """The same, but the compiled twin, too, where it is there already: for kernels that count
        and add alone, whose twins give the same numbers to the last bit."""
        return self.fast if self.ready else self.sized(work, small=small)


def kernel(function: Callable[Args, Out]) -> Kernel[Args, Out]:
    """Make a kernel of a function."""
    return Kernel(function)


def lean_kernel(function: Callable[Args, Out]) -> Kernel[Args, Out]:
    """Make a kernel of a function that makes no arrays, no copies of slices either. Compiled, it
    counts no references and becomes part of its callers: handing over tuples of many arrays takes
    a small kernel three times as long as its work."""
    return Kernel(function, _nrt=False, forceinline=True)


def _one_kind_of_integer(compiled: Any) -> Any:
    """Let calls from other kernels take every integer as 64 bits wide, so that one version serves
    all; numba would make one for each width and each constant."""
    from numba import types

    resolve = compiled.get_call_template

    def widened(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return resolve(tuple(types.int64 if isinstance(a, types.Integer) else a for a in args), kws)

    compiled.get_call_template = widened
    return compiled
