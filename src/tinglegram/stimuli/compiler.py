"""Importing torchvision without torch's compiler.

torchvision imports its operators for detection with everything else, and one of them takes a
function from torch's compiler, which takes longer to load than torch itself. Every clip's job
would wait for it, and none uses it.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_COMPILER = "torch._dynamo.utils"


@contextmanager
def compiler_for_later() -> Iterator[None]:
    """Let imports take functions from the compiler that load it only when they are called."""
    if _COMPILER in sys.modules:
        yield
        return
    stand_in = ModuleType(_COMPILER)

    def function(name: str) -> Any:
        # Who looks for `__file__` and the like is not importing a function.
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *given, **named: getattr(compiler(), name)(*given, **named)

    def compiler() -> ModuleType:
        step_aside()
        return importlib.import_module(_COMPILER)

    def step_aside() -> None:
        if sys.modules.get(_COMPILER) is stand_in:
            del sys.modules[_COMPILER]

    vars(stand_in)["__getattr__"] = function
    sys.modules[_COMPILER] = stand_in
    try:
        yield
    finally:
        step_aside()
