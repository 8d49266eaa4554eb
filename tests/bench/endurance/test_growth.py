from bench.endurance.growth import UNSEEN_WORD, with_unseen_words


def test_every_text_has_words_that_become_new_ones() -> None:
    texts = with_unseen_words(["A warm, funny and well-made film.", "Dull."])
    assert [text.count(UNSEEN_WORD) for text in texts] == [3, 1]
    assert len(texts[0].split()) == 6
