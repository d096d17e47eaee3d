"""pdengine.kernels: one room per op, each with a contract, a reference and its kernels."""

from pdengine.kernels import _library_autograd  # noqa: F401  registers torch.ops.pdengine
from pdengine.kernels._dispatch import Backend, as_array, choose, set_thread_limit, thread_limit

__all__ = ["Backend", "as_array", "choose", "set_thread_limit", "thread_limit"]
