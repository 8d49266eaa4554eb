"""Which workers serve rows: whoever dies, and however many generations live at once."""

from collections import Counter

from hypothesis import given
from hypothesis.strategies import DataObject, data, integers, lists, sampled_from

from sentigrade.settings import Settings
from sentigrade.web.server import free_slot


class Master:
    """Keeps the slots of each generation as gunicorn's master does; earlier ones end when they like."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.current: list[int] = []
        self.leaving: list[int] = []
        self.complete()

    @property
    def living(self) -> list[int]:
        return self.current + self.leaving

    def complete(self) -> None:
        while len(self.current) < self.size:
            self.current.append(free_slot(self.current, self.living, self.size))

    def swap(self) -> None:
        self.current, self.leaving = [], self.living
        self.complete()

    def lose(self, slot: int) -> None:
        (self.current if slot in self.current else self.leaving).remove(slot)


def row_places(slots: list[int], settings: Settings) -> int:
    size = settings.worker_count + settings.row_worker_count
    return sum(slot % size >= settings.worker_count for slot in slots)


@given(integers(1, 6), data())
def test_every_generation_has_its_row_workers_whatever_dies(workers: int, chance: DataObject) -> None:
    settings = Settings(workers=workers)
    master = Master(settings.worker_count + settings.row_worker_count)
    for event in chance.draw(lists(sampled_from(["swap", "death", "one of several deaths"]), max_size=30)):
        if event == "swap":
            master.swap()
        elif master.living:
            master.lose(chance.draw(sampled_from(master.living)))
        if event != "one of several deaths":
            master.complete()
            assert row_places(master.current, settings) == settings.row_worker_count
        assert max(Counter(master.living).values(), default=1) == 1


def test_the_first_slots_are_for_texts_and_the_last_ones_for_rows() -> None:
    assert Master(3).current == [0, 1, 2]


def test_a_number_is_given_again_when_its_worker_has_died() -> None:
    master = Master(3)
    master.lose(1)
    master.complete()
    assert sorted(master.current) == [0, 1, 2]


def test_numbers_stay_few_over_many_swaps() -> None:
    master = Master(3)
    for _ in range(100):
        master.swap()
        master.leaving.clear()
    assert max(master.living) < 6
