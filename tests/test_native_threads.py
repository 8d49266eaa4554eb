"""What the libraries below numpy are told."""

from sentigrade.native_threads import bound_native_threads


def test_what_somebody_has_set_stays() -> None:
    environ = {"OMP_NUM_THREADS": "4"}
    bound_native_threads(environ)
    assert environ == {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
