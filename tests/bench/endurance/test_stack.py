from collections import Counter
from pathlib import Path

from bench.asking import ask
from bench.endurance.stack import serving_whole
from tests.live import wait_until


def test_a_whole_stack_answers_and_its_processes_are_known(tmp_path: Path) -> None:
    with serving_whole(tmp_path / "stack", workers=2) as stack:
        assert ask(stack.port, "A fine film.")
        wait_until(lambda: Counter(stack.workers().values()) == {"web": 2, "rows": 1}, "workers of both roles")
        memory = stack.memory()
        assert memory.service > memory.nginx > 0
