"""A recipe says all that a model is made from."""

from operator import attrgetter
from pathlib import Path

import pytest

from sentigrade.errors import DataError, SettingError
from sentigrade.labels import FIVE_LEVELS
from sentigrade.manifest import AS_ONE_TEXT
from sentigrade.text.profile import CleaningProfile
from sentigrade.training.distilling import DistillFile
from sentigrade.training.linear import LinearParameters
from sentigrade.training.recipe_file import Data, RecipeFile, follow, read_recipe, read_recipe_as, with_checkpoints
from sentigrade.training.thresholds import Aim

ROOT = Path(__file__).parents[2]


def write(folder: Path, recipe: str, **files: str) -> Path:
    for name, content in {"reviews.csv": "text,label\nA gem,good\nA bore,bad\n", **files}.items():
        (folder / name).write_text(content)
    path = folder / "recipe.toml"
    path.write_text(recipe)
    return path


def test_a_name_and_data_are_enough_for_a_recipe(tmp_path: Path) -> None:
    path = write(tmp_path, 'name = "grades"\n[data]\ntrain = "reviews.csv"\n')
    recipe, source = follow(read_recipe(path), tmp_path)
    assert (recipe.name, recipe.family, recipe.license, recipe.seed) == ("grades", "linear", "unknown", 42)
    assert recipe.parameters == LinearParameters()
    assert recipe.profile == CleaningProfile()
    assert recipe.long_text == AS_ONE_TEXT
    assert (recipe.labels.kind, recipe.labels.names) == ("nominal", ("bad", "good"))
    assert (source.examples.name, source.examples.texts, source.held_out) == ("reviews.csv", ["A gem", "A bore"], [])


def test_everything_that_a_recipe_says_is_followed(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        name = "grades"
        license = "self-written"
        seed = 7
        cleaning = { case = "keep" }
        long_text = { aggregate = "sentences", over_words = 80, fitted_on = "a hunch" }
        parameters = { c = 1, naive_bayes = 0.5 }
        [data]
        train = ["reviews.csv", "more.csv"]
        held_out = ["held.csv"]
        names = { bad = "Bad", good = "Very Good" }
        ordered = ["Bad", "Very Good"]
        """,
        **{"more.csv": "text,label\nSuperb,good\n", "held.csv": "text,label\nDull,bad\n"},
    )
    recipe, source = follow(read_recipe(path), tmp_path)
    assert (recipe.license, recipe.seed, recipe.profile.case) == ("self-written", 7, "keep")
    assert (recipe.long_text.aggregate, recipe.long_text.over_words) == ("sentences", 80)
    assert recipe.parameters == LinearParameters(c=1.0, naive_bayes=0.5)
    assert (recipe.labels.kind, recipe.labels.names) == ("ordinal", ("Bad", "Very Good"))
    assert source.examples.texts == ["A gem", "A bore", "Superb"]
    assert source.examples.labels.tolist() == [1, 0, 1]
    assert [(part.name, part.labels.tolist()) for part in source.held_out] == [("held.csv", [0])]


def test_a_recipe_may_ask_for_any_number_of_labels_and_for_their_thresholds(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        name = "tone"
        thresholds = { rude = { recall = 0.9 }, loud = 1 }
        [data]
        train = "tones.csv"
        flags = ["rude", "loud"]
        """,
        **{"tones.csv": "text,rude,loud\nOh,0,0\nOH,0,1\nIdiot,1,0\n"},
    )
    recipe, source = follow(read_recipe(path), tmp_path)
    assert (recipe.labels.kind, recipe.labels.ids) == ("multilabel", ("rude", "loud"))
    assert recipe.thresholds == {"rude": Aim(recall=0.9), "loud": 1}
    assert source.examples.labels.tolist() == [[0, 0], [0, 1], [1, 0]]


def test_the_treebank_is_read_as_ever(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("(3 (2 A) (4 gem))\n(1 (2 A) (1 bore))\n")
    recipe, source = follow(RecipeFile(name="sentiment", data=Data(train=str(tmp_path))), Path())
    assert recipe.labels == FIVE_LEVELS
    assert recipe.long_text.aggregate == "sentences"
    assert "Stanford Sentiment Treebank" in recipe.license
    assert len(source.examples) == 6


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ("name = ", "recipe.toml is not TOML"),
        ('name = "x"', "recipe.toml: .*missing required field `data`"),
        ('name = "X Y"\n[data]\ntrain = "a"', r"recipe.toml: .*`\$.name`"),
        ('name = "x"\nfamly = "linear"\n[data]\ntrain = "a"', "recipe.toml: .*unknown field `famly`"),
        ('name = "x"\n[data]\ntrain = "a"\n[thresholds]\na = { recal = 1 }', r"recipe.toml: .*`recal`"),
        ('name = "x"\n[data]\ntrain = "a"\n[thresholds]\na = 2', r"recipe.toml: .*<= 1"),
    ],
)
def test_what_is_no_recipe_is_an_error_that_names_the_culprit(recipe: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=message):
        read_recipe(write(tmp_path, recipe))


def test_a_recipe_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="recipe.toml cannot be read: No such file"):
        read_recipe(tmp_path / "recipe.toml")


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ('family = "forest"', SettingError, "family forest cannot be trained"),
        ("parameters = { colour = 1 }", SettingError, "unknown field `colour`"),
        ("thresholds = { good = 0.5 }", SettingError, "thresholds are for multi-label data"),
        ('data.ordered = ["bad"]', DataError, "good"),
        ('data.names = { best = "Best" }', DataError, "best"),
        ('data.label = "grade"', DataError, "there is no column 'grade'"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_an_error(
    more: str, error: type[Exception], message: str, tmp_path: Path
) -> None:
    path = write(tmp_path, f'name = "x"\n{more}\ndata.train = "reviews.csv"\n')
    with pytest.raises(error, match=message):
        follow(read_recipe(path), tmp_path)


@pytest.mark.torch
def test_an_encoder_is_a_folder_beside_the_data_or_else_a_name(tmp_path: Path) -> None:
    path = write(
        tmp_path, 'name = "x"\nfamily = "transformer"\nparameters.encoder = "tiny"\ndata.train = "reviews.csv"\n'
    )
    named, _ = follow(read_recipe(path), tmp_path)
    (tmp_path / "tiny").mkdir()
    places = attrgetter("parameters.encoder", "parameters.checkpoints")
    beside, _ = follow(with_checkpoints(read_recipe(path), tmp_path / "kept"), tmp_path)
    assert places(named) == ("tiny", None)
    assert places(beside) == (f"{tmp_path}/tiny", f"{tmp_path}/kept")


def test_checkpoints_are_kept_by_families_that_can_go_on_from_them(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path, 'name = "x"\ndata.train = "reviews.csv"\n'))
    with pytest.raises(SettingError, match="family linear keeps no checkpoints; transformer does"):
        with_checkpoints(recipe, tmp_path)


@pytest.mark.parametrize("path", sorted((ROOT / "recipes").glob("*.toml")), ids=lambda path: path.stem)
def test_each_recipe_of_the_project_can_be_read(path: Path) -> None:
    form = DistillFile if "\n[distill]\n" in path.read_text() else RecipeFile
    assert read_recipe_as(form, path).name == path.stem
