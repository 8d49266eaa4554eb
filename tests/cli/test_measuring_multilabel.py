"""Models of any number of labels, and models that need a library, measured on the command line."""

import json
from pathlib import Path

from msgspec.structs import replace

from sentigrade.data.examples import Examples
from sentigrade.labels import make_multilabel
from sentigrade.model_folder import read_manifest, write_manifest
from sentigrade.training.train import Recipe, train
from sentigrade.trust import Trust
from tests.cli.running import sentigrade


def trained(folder: Path) -> Path:
    """Train a model of two labels on texts of which each pair of words says which apply."""
    pairs = [("dim", "calm"), ("dark", "calm"), ("dark", "wild"), ("dim", "wild")]
    texts = [f"{one} {other} day {number}" for number in range(10) for one, other in pairs]
    labels = [[int(one == "dark"), int(other == "wild")] for _ in range(10) for one, other in pairs]
    examples = Examples.of_whole_texts("written", texts, labels)
    train(Recipe(name="weather", labels=make_multilabel(["Dark", "Wild"]), license="x"), examples, [], folder)
    return folder


def test_evaluate_reports_on_any_number_of_labels(tmp_path: Path) -> None:
    rows = [("a dim calm sea", []), ("a dark calm sea", ["Dark"]), ("a dark wild sea", ["dark", "wild"])]
    file = tmp_path / "asked.jsonl"
    file.write_text("\n".join(json.dumps({"text": text, "label": labels}) for text, labels in rows))
    result = sentigrade("evaluate", trained(tmp_path / "model"), file, "--output", tmp_path / "report")
    assert result.returncode == 0, result.stderr
    assert "samples avg" in result.stdout
    assert "mean AUC 1.000" in result.stdout
    metrics = json.loads((tmp_path / "report" / "metrics.json").read_bytes())["asked.jsonl"]
    assert (metrics["n"], metrics["mean_auc"], metrics["exact_match"]) == (3, 1, 1)


def test_compare_says_which_extra_a_model_needs(model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "asked.csv").write_text("text,label\nA superb cast,Positive\nA dull cast,1\n")
    manifest, _ = read_manifest(model_folder, Trust())
    write_manifest(replace(manifest, family="fasttext"), model_folder)
    (tmp_path / "fasttext.py").write_text("raise ImportError")
    result = sentigrade("compare", tmp_path / "asked.csv", model_folder, PYTHONPATH=str(tmp_path))
    assert result.returncode == 65
    assert 'the extra "fasttext": run pip install "sentigrade[fasttext]"' in result.stderr
    assert result.stderr.count("\n") == 1
