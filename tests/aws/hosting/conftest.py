from uuid import uuid4

import pytest


@pytest.fixture
def endpoint() -> str:
    """The name of an endpoint of this test's own."""
    return f"reviews-{uuid4().hex[:8]}"
