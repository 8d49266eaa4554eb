"""One thread in each process of the service.

numpy's libraries start a thread for each core when they are loaded. There is a worker for each core already, so these
threads would only take each other's time, and memory in every process.
"""

from collections.abc import MutableMapping

# What OpenMP, OpenBLAS and MKL read when they are loaded.
_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def bound_native_threads(environ: MutableMapping[str, str]) -> None:
    """Ask for one thread where nothing else is set; called before numpy is imported, children inherit it."""
    for name in _VARIABLES:
        environ.setdefault(name, "1")
