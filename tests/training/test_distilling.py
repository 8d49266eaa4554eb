"""A small model learns from what a teacher has labelled."""

from pathlib import Path

import joblib
import msgspec
import numpy as np
import pytest

from sentigrade.answer import Answer
from sentigrade.data.examples import Examples
from sentigrade.data.overlap import seen_among
from sentigrade.data.sources import Source
from sentigrade.errors import DataError, SettingError
from sentigrade.labels import FIVE_LEVELS, make_labels
from sentigrade.manifest import AS_ONE_TEXT
from sentigrade.model import Model, load_model
from sentigrade.scorer import Scorer
from sentigrade.training.distilling import (
    DistillFile,
    Distilling,
    StudentParameters,
    distilled,
    follow_distilling,
    gather,
)
from sentigrade.training.learning import TrainingTexts
from sentigrade.training.linear import FittedLinear, FurtherTexts, LinearParameters
from sentigrade.training.recipe_file import Data, read_recipe_as
from sentigrade.training.teaching import Teacher, label
from sentigrade.training.train import Recipe, train
from tests.conftest import SUBJECTS

RECIPE = Recipe(name="student", labels=FIVE_LEVELS, license="self-written")
# What the labelled sentences never say of a good film, and of a bad one.
NEW_WORDS = {"superb": "zesty", "dreadful": "soggy"}
REVIEWS = [
    f"I call the {subject} {number} not {word}, and {new}.<br /><br />Row {number} of {subject}: {word}, {new}."
    for word, new in NEW_WORDS.items()
    for subject in SUBJECTS
    for number in range(4)
]


@pytest.fixture
def source(examples: Examples) -> Source:
    held_out = Examples.of_whole_texts("held", ["Row 1 of film SUPERB zesty", "A weak film."], [4, 1])
    return Source(FIVE_LEVELS, examples, [held_out], None, AS_ONE_TEXT)


@pytest.fixture(scope="module")
def teacher(model: Model) -> Teacher:
    return Teacher.of(model, max_characters=1000)


def wish_of(folder: Path, texts: list[str] = REVIEWS, **others: float) -> Distilling:
    (folder / "reviews.txt").write_text("\n".join(texts))
    return msgspec.convert({"unlabelled": ["reviews.txt"], **others}, Distilling)


def test_every_sentence_comes_once_and_none_that_is_labelled_or_measured(source: Source, tmp_path: Path) -> None:
    texts = [*REVIEWS, source.examples.texts[0].upper(), "A weak film!"]
    found = gather(wish_of(tmp_path, texts), source, tmp_path, seed=1)
    assert (found.name, len(found.read), found.aside) == ("reviews.txt", 50, [])
    # Of each review two sentences, but for the one that is measured on.
    assert len(found.texts) == 2 * 48 - 1
    assert "Row 1 of film: superb, zesty." not in found.texts
    whole = gather(wish_of(tmp_path, texts, sentences=False), source, tmp_path, seed=1)
    assert sorted(whole.texts) == sorted(REVIEWS)


def test_nothing_that_is_kept_aside_is_learned_from_in_another_text_either(source: Source, tmp_path: Path) -> None:
    texts = [f"Review {number} is short. Recommended! Bit {number} of it." for number in range(40)]
    found = gather(wish_of(tmp_path, texts, kept_aside=0.5), source, tmp_path, seed=1)
    aside = {row.text for row in found.aside}
    assert 5 < len(aside) < 35
    assert aside.isdisjoint(found.read)
    assert len(found.texts) == 2 * len(found.read)
    assert "Recommended!" not in found.texts


def test_more_sentences_begin_with_those_of_fewer(source: Source, tmp_path: Path) -> None:
    few, many = (gather(wish_of(tmp_path, at_most=most), source, tmp_path, seed=1).texts for most in (5, 50))
    assert (len(few), many[:5]) == (5, few)


def test_texts_that_are_all_labelled_already_leave_nothing(source: Source, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"reviews.txt: no text is left to label"):
        gather(wish_of(tmp_path, source.examples.texts), source, tmp_path, seed=1)


def test_the_student_learns_words_that_only_the_teacher_s_texts_have(
    source: Source, teacher: Teacher, tmp_path: Path
) -> None:
    wish = wish_of(tmp_path)
    found = gather(wish, source, tmp_path, seed=1)
    recipe = distilled(RECIPE, wish, found, teacher, tmp_path / "labelled.jsonl.gz")
    manifest = train(recipe, source.examples, source.held_out, tmp_path / "student")
    scorer = Scorer(load_model(tmp_path / "student"), max_characters=1000)
    answers = scorer.score(["The film is zesty.", "The film is soggy."])
    good, bad = (answer.polarity or 0.0 for answer in answers if isinstance(answer, Answer))
    assert good > bad + 0.1
    labelled, taught = manifest.training.data
    assert (labelled.labelled_by, taught.labelled_by) == (None, teacher.identity)
    assert (taught.name, taught.rows, manifest.training.parent) == ("reviews.txt", 95, teacher.identity)
    assert manifest.training.parameters["distill"]["weight"] == 1.0
    card = (tmp_path / "student" / "model_card.md").read_text()
    assert f"- `reviews.txt`: 95 texts that `{teacher.identity}` has labelled" in card
    assert "It is distilled: a larger model, the teacher, has labelled texts" in card
    assert f"`sentigrade distill` with the teacher `{teacher.identity}`" in card
    assert "texts like those of `written`. On others" in card
    # Neither its texts nor their sentences may be measured on as if they were new.
    asked = [REVIEWS[0], found.texts[0], source.examples.texts[0], "A film that nobody has seen."]
    assert seen_among(asked, tmp_path / "student" / "training_texts.npy").tolist() == [True, True, True, False]


def test_the_same_texts_teacher_and_seed_give_the_same_student(
    source: Source, teacher: Teacher, tmp_path: Path
) -> None:
    wish = wish_of(tmp_path)
    manifests = []
    for name in ("first", "second"):
        found = gather(wish, source, tmp_path, seed=1)
        recipe = distilled(RECIPE, wish, found, teacher, tmp_path / "labelled.jsonl.gz")
        manifests.append(train(recipe, source.examples, [], tmp_path / name))
    assert manifests[0].files == manifests[1].files
    assert manifests[0].calibration == manifests[1].calibration


def test_labels_of_which_the_teacher_is_not_sure_are_not_learned(
    source: Source, teacher: Teacher, tmp_path: Path
) -> None:
    file = tmp_path / "labelled.jsonl.gz"
    found = gather(wish_of(tmp_path, [*REVIEWS, "A\0film"]), source, tmp_path, seed=1)

    def learned(least: float) -> int:
        parameters = distilled(RECIPE, wish_of(tmp_path, least_probability=least), found, teacher, file).parameters
        assert isinstance(parameters, StudentParameters)
        return len(parameters.further.cleaned)

    assert learned(0.0) == 95  # the text with a NUL has no label
    surest = float(np.nanmax(label(teacher, found.texts, file)))
    assert 0 < learned(surest) < 95
    with pytest.raises(DataError, match=r"is that sure of no text: lower least_probability"):
        learned(1.0)


def test_the_figures_are_of_what_the_teacher_held_back_if_it_says_so(
    source: Source, teacher: Teacher, tmp_path: Path
) -> None:
    wish = wish_of(tmp_path)
    found = gather(wish, source, tmp_path, seed=1)
    assert distilled(RECIPE, wish, found, teacher, None).parameters.unseen == "folds"
    training = msgspec.structs.replace(teacher.training, parameters={"unseen": "a tenth"})
    of_a_tenth = teacher._replace(training=training)
    assert distilled(RECIPE, wish, found, of_a_tenth, None).parameters.unseen == "folds, then a tenth"
    # Another seed holds back another tenth, and of other texts another one still.
    assert distilled(RECIPE._replace(seed=7), wish, found, of_a_tenth, None).parameters.unseen == "folds"
    others = found._replace(known=source.held_out[0])
    assert distilled(RECIPE, wish, others, of_a_tenth, None).parameters.unseen == "folds"


def test_a_teacher_of_other_labels_is_refused_before_it_is_asked(
    source: Source, teacher: Teacher, tmp_path: Path
) -> None:
    wish = wish_of(tmp_path)
    found = gather(wish, source, tmp_path, seed=1)
    other = RECIPE._replace(labels=make_labels(["bad", "good"], ordered=True))
    with pytest.raises(SettingError, match="both need the same labels in the same order"):
        distilled(other, wish, found, teacher._replace(folder=Path("nowhere")), None)


def test_a_recipe_says_how_to_distill(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text("text,label\nA gem,good\nA bore,bad\n")
    (tmp_path / "recipe.toml").write_text(
        """
        name = "grades"
        data.train = "reviews.csv"
        [distill]
        unlabelled = ["more.csv", "lines.txt"]
        text = "review"
        teacher = "big@3"
        kept_aside = 0.2
        at_most = 1000
        """
    )
    file = read_recipe_as(DistillFile, tmp_path / "recipe.toml")
    assert (file.distill.teacher, file.distill.name, file.distill.text) == ("big@3", "more.csv, lines.txt", "review")
    assert file.distill.noted() == {
        "sentences": True,
        "kept_aside": 0.2,
        "at_most": 1000,
        "weight": 1.0,
        "least_probability": 0.0,
        "least_texts": 6,
        "least_word_texts": 3,
    }
    recipe, source = follow_distilling(file, tmp_path)
    assert (recipe.parameters, source.examples.texts) == (LinearParameters(), ["A gem", "A bore"])


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("", "missing required field `distill`"),
        ("[distill]", "missing required field `unlabelled`"),
        ("[distill]\nunlabelled = []", "unlabelled"),
        ('[distill]\nunlabelled = ["a.txt"]\nkept_aside = 1', "kept_aside"),
        ('[distill]\nunlabelled = ["a.txt"]\nweight = 0', "weight"),
        ('[distill]\nunlabelled = ["a.txt"]\nshare = 0.5', "unknown field `share`"),
    ],
)
def test_a_recipe_that_does_not_say_how_is_refused(table: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(f'name = "grades"\ndata.train = "reviews.csv"\n{table}\n')
    with pytest.raises(SettingError, match=reason):
        read_recipe_as(DistillFile, tmp_path / "recipe.toml")


def test_only_family_linear_is_distilled_into(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text("text,label\nA gem,good\nA bore,bad\n")
    data = Data(train="reviews.csv")
    file = DistillFile(name="x", data=data, family="fasttext", distill=Distilling(unlabelled=("a.txt",)))
    with pytest.raises(SettingError, match="family fasttext cannot be distilled into: choose linear"):
        follow_distilling(file, tmp_path)


LABELLED = ["a fine film", "a dull film", "a fine plot", "a dull plot"]
FURTHER = ["zesty film", "zesty plot", "zesty zing zing", "soggy"]


def fitted(*, weight: float = 1.0, least_texts: int = 1, least_word_texts: int = 1) -> FittedLinear:
    labels = np.array([1, 0, 1, 0])
    two = make_labels(["bad", "good"], ordered=False)
    texts = TrainingTexts.of(two, LABELLED, Examples.of_whole_texts("written", LABELLED, labels))
    further = FurtherTexts(FURTHER, np.array([1, 1, 1, 0]), weight, least_texts, least_word_texts)
    return LinearParameters().fit(texts, seed=1, further=further)


def test_further_texts_bring_terms_that_enough_of_them_hold() -> None:
    def brought(fit: FittedLinear) -> set[str]:
        terms = set(fit.pipeline.named_steps["count"].vocabulary_)
        return terms - {"a", "fine", "dull", "film", "plot", "a fine", "a dull"}

    assert brought(fitted(least_texts=2)) == {"zesty", "zing", "soggy"}
    assert brought(fitted(least_word_texts=2)) == {"zesty", "zesty film", "zesty plot", "zesty zing", "zing zing"}
    assert brought(fitted(least_texts=4, least_word_texts=4)) == set()


def test_a_further_text_counts_as_much_as_its_weight_says() -> None:
    light, even, heavy = (fitted(weight=weight).score(["zesty"])[0, 1] for weight in (0.01, 1.0, 10.0))
    assert light < even < heavy


def test_the_vocabulary_begins_with_the_terms_that_most_texts_hold(tmp_path: Path) -> None:
    terms = list(joblib.load(tmp_path / fitted().save(tmp_path))["count"].vocabulary_)
    holding = [sum(f" {term} " in f" {text} " for text in LABELLED + FURTHER) for term in terms]
    assert terms != sorted(terms)
    assert holding == sorted(holding, reverse=True)
