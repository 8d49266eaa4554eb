"""Texts that the cases learn from and are asked about."""

from itertools import product
from typing import NamedTuple

from sentigrade.data.examples import Examples
from sentigrade.labels import LabelSet, make_labels, make_multilabel


class Written(NamedTuple):
    """Self-written texts and the labels that they have."""

    labels: LabelSet
    examples: Examples


_PLACES = ("in town", "by the river", "at home", "on Monday", "after dark", "with friends")


def _alternatives(labels: LabelSet, sentences: tuple[tuple[str, ...], ...]) -> Written:
    rows = [
        (f"{sentence} {place}.", label)
        for label, own in enumerate(sentences)
        for sentence, place in product(own, _PLACES)
    ]
    return Written(labels, Examples.of_whole_texts("written", [text for text, _ in rows], [label for _, label in rows]))


TOPICS = _alternatives(
    # Not in the order of the alphabet, so that whoever sorts them is found out.
    make_labels(["Travel", "Food", "Big Music"], ordered=False),
    (
        ("We took a train", "The boat left late", "She missed her flight"),
        ("They shared warm bread", "He cooked soup", "I ate an apple"),
        ("A choir sang", "The band played drums", "You hummed that old tune"),
    ),
)
GRADES = _alternatives(
    make_labels(["bad", "so-so", "good"], ordered=True),
    (
        ("What a dreadful evening we had", "The show was awful", "An unbearable play"),
        ("It was an ordinary evening", "The show was passable", "A middling play"),
        ("What a wonderful evening we had", "The show was superb", "A brilliant play"),
    ),
)

_RUDE = ("you fool", "you silly goose", "you old donkey")
_ANGRY = ("I will shout", "I am furious", "this makes me rage")


def _tones() -> Written:
    rows = [(f"Nothing happened {place}.", [0, 0, 0]) for place in _PLACES]
    rows += [(f"Listen, {rude}, {place}.", [1, 0, 0]) for rude, place in product(_RUDE, _PLACES)]
    rows += [(f"Today {angry} {place}.", [0, 1, 0]) for angry, place in product(_ANGRY, _PLACES)]
    rows += [(f"{angry}, {rude}, {place}!", [1, 1, 0]) for angry, rude, place in product(_ANGRY, _RUDE, _PLACES[:3])]
    rows += [(f"{text} Thanks, dear.", [*flags[:2], 1]) for text, flags in rows[::3]]
    examples = Examples.of_whole_texts("written", [text for text, _ in rows], [flags for _, flags in rows])
    return Written(make_multilabel(["Rude", "Angry", "A Thank-you"]), examples)


TONES = _tones()

LONGEST_TEXT = 100_000
# What callers send, whatever a model was trained on.
ODD_TEXTS = {
    "empty": "",
    "blanks": " \t \u00a0 \u3000 ",
    "line feeds": "\n\r\n\u2028\x85",
    "unknown words": "xyzzy plugh qwrtz",
    "known and unknown words": "The train xyzzy you fool superb",
    "one letter": "a",
    "punctuation": "?!... --- (,;)",
    "a tab and a line feed": "We took\ta train\nby the river.",
    "emoji": "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1ea\U0001f1fa superb \u2764\ufe0f",
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u202e\u0645\u0631\u062d\u0628\u0627\u202c",
    "Chinese": "\u6211\u4eec\u5750\u706b\u8f66\u53bb\u4e86\u6cb3\u8fb9",
    "combining marks": "Z\u0351\u036b\u0343a\u0328\u0301lgo e\u0301 \u00e9",
    "labels in it": "__label__travel __label__food we took a train __label__ </s> <s>",
    "numbers": "1e308 -0 NaN inf 00012 3.14159 \u0663",
    "markup": "<b>We</b> took <br/> a &amp; train <script>",
    "control characters": "we\x01took\x7fa\x1btrain",
    "noncharacters": "\ufffe\uffff\U0010ffff \ufeffwe took a train",
    "one long word": "y" * 5000,
    "100,000 characters": "The train left after dark, you fool; superb xyzzy! " * 1960,
}
