from pathlib import Path

import msgspec
from matplotlib.image import imread

from sentigrade.evaluation.evaluate import Evaluation
from sentigrade.evaluation.figures import Figures
from sentigrade.evaluation.multilabel.figures import MultilabelFigures
from sentigrade.evaluation.report import write_report


def test_a_report_is_a_folder_of_metrics_texts_and_plots(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(evaluation, tmp_path / "report")
    assert {path.name for path in (tmp_path / "report").iterdir()} == {
        "metrics.json",
        "classification_report.txt",
        "confusion_matrix.png",
        "reliability.png",
        "model_card.md",
    }


def test_the_metrics_read_back_as_the_figures(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(evaluation, tmp_path)
    metrics = msgspec.json.decode((tmp_path / "metrics.json").read_bytes(), type=dict[str, Figures])
    assert metrics == {"scenes.csv": evaluation.figures()}


def test_the_classification_report_has_a_row_a_label(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(evaluation, tmp_path)
    lines = (tmp_path / "classification_report.txt").read_text().splitlines()
    assert [line.rsplit(maxsplit=4)[0].strip() for line in lines[2:7]] == list(evaluation.manifest.labels.names)


def test_the_classification_report_ends_with_the_main_figures(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(evaluation, tmp_path)
    *_, accuracy, macro_f1, _log_loss, _level_error = (tmp_path / "classification_report.txt").read_text().splitlines()
    assert accuracy.startswith("accuracy 0.933 [")
    assert macro_f1.startswith("macro-F1 0.")


def test_a_report_on_several_labels_shows_each_label_in_place_of_a_confusion(
    several: Evaluation, tmp_path: Path
) -> None:
    write_report(several, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "metrics.json",
        "classification_report.txt",
        "labels.png",
        "reliability.png",
        "model_card.md",
    }
    metrics = msgspec.json.decode((tmp_path / "metrics.json").read_bytes(), type=dict[str, MultilabelFigures])
    assert metrics == {"asked.csv": several.figures()}
    report = (tmp_path / "classification_report.txt").read_text()
    assert "micro avg" in report
    assert "\nmean AUC 1.000 [1.000, 1.000]\n" in report
    for plot in tmp_path.glob("*.png"):
        assert imread(plot).std() > 0.1


def test_the_plots_are_pictures_with_something_in_them(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(evaluation, tmp_path)
    for plot in tmp_path.glob("*.png"):
        assert imread(plot).std() > 0.1


def test_a_report_replaces_an_earlier_one_to_the_last_bit(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(evaluation, tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_report(evaluation, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
