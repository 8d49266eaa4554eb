# %% [markdown]
# # Fine-tuning an encoder
#
# Family `linear` counts words and pairs of them. An encoder has read much text before it sees ours, and its numbers for
# a word depend on the words around it. Fine-tuning turns it to our question with graded sentences. This page does so
# with the package's own parts (it needs torch: `make .venv-torch/installed`), then looks at what the encoder gets right
# that counting does not, and at what that costs. All figures are of the treebank's development sentences, from which no
# model has learned.

# %%
# %matplotlib inline
import os
import tempfile
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import Markdown

from sentigrade.data.labelled_file import Columns
from sentigrade.data.sources import read_to_measure, read_treebank
from sentigrade.evaluation.comparison import as_table, compare
from sentigrade.evaluation.plots import BLUE, GREY, INK, comparison, use_style
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.training.encoder import read_encoder
from sentigrade.training.families import parameters_of
from sentigrade.training.train import Recipe, train

use_style()

# The encoder lies beside the treebank.
data = Path(os.environ.get("DATA", "../data/sst5"))
name = str(data.parent / "all-MiniLM-L6-v2")
source = read_treebank(data)
sentences, names = source.examples.only_whole(), source.labels.names
encoder = read_encoder(name)
encoder.tokenizer.no_padding()
numbers = sum(parameter.numel() for parameter in encoder.model.parameters())
f"{len(sentences):,} sentences; an encoder of {numbers / 1e6:.1f} million numbers"

# %% [markdown]
# ## What the encoder reads
#
# Pieces of words, each a number: frequent words are one piece, rare ones several. Here are sentences written for this
# page, and how alike the encoder, as it comes, finds the "bad" of each to that of the first (the cosine). Whoever
# counts finds the same word four times.

# %%
written = ["It is a bad film.", "A bad, unwatchable film.", "It is not a bad film.", "Too bad that it ends so soon."]
lines = ["| pieces | this bad and the first |", "| --- | ---: |"]
first = None
for text in written:
    encoding = encoder.tokenizer.encode(text)
    with torch.inference_mode():
        states = encoder.model(torch.tensor([encoding.ids])).last_hidden_state[0]
    bad = states[encoding.tokens.index("bad")]
    first = bad if first is None else first
    alike = torch.cosine_similarity(bad, first, dim=0).item()
    lines.append(f"| {' '.join(f'`{piece}`' for piece in encoding.tokens)} | {alike:.2f} |")
Markdown("\n".join(lines))

# %% [markdown]
# The "bad" of a regret is hardly like the first one, that of a denial much like it: to the encoder as it comes a bad
# film and one that is not bad are about the same things. What "not" does to a grade is for fine-tuning to teach.
#
# ## Fine-tuning
#
# A layer on top of the encoder turns the mean over all pieces into five scores, and every number, the encoder's too,
# moves a little with each batch of sentences. `train` does that and the rest as for every family: it holds a tenth
# back, fits the calibration to that, measures and writes a model folder. Here from 2,000 sentences, which two cores do
# in a few minutes; beside it the linear family from the same, and from every phrase of all sentences.

# %%
few = sentences.pick(np.random.default_rng(42).permutation(len(sentences))[:2000])
folder = Path(tempfile.mkdtemp())
trained = {
    "linear": ("linear", {}, source.examples),
    "linear-2000": ("linear", {}, few),
    "transformer-2000": ("transformer", {"encoder": name, "epochs": 3}, few),
}
for model, (family, settings, examples) in trained.items():
    parameters = parameters_of(family, settings)
    recipe = Recipe(model, source.labels, source.license, family, parameters=parameters)
    manifest = train(recipe, examples, [], folder / model)
    size = next(entry.bytes for entry in manifest.files.values() if entry.role == "model")
    print(f"{model}: {len(examples):,} texts, {size / 1e6:.1f} MB")

# %% [markdown]
# ## What is gained
#
# To these three come the models that the variable `MODELS` names, if it is set: folders of models that were trained
# before. In the run shown here they are one encoder, fine-tuned on every phrase of the treebank as
# [the recipe](../recipes/sentiment-transformer.toml) says, which takes two cores a quarter of an hour: once with
# `int8 = false`, and once as it is, with its weights in 8 bits. Speed is that of one thread.

# %%
references = [*(str(folder / model) for model in trained), *os.environ.get("MODELS", "").split()]
open_by_reference = partial(open_model, settings=Settings())
read = partial(read_to_measure, data / "dev", Columns())
rows = list(compare(references, open_by_reference, read, max_characters=100_000))
Markdown("\n".join(as_table(rows)))

# %%
comparison([row for row in rows if "fp32" not in row.model])  # its dot would lie under that of int8

# %% [markdown]
# From the same 2,000 sentences the encoder gets four points more right than counting does: it has read before. But
# counting from all graded phrases is four points ahead of that. With both, an encoder and all phrases, it is 0.515,
# five points above counting, and the interval of the gain leaves out 0. Eight bits cost nothing that 1,101 sentences
# could show; the file is a quarter of the size, memory less than half, and it answers twice as fast.
#
# The price: 265 texts a second in place of 14,000 (on a quieter machine 22,000), 117 MB of memory in place of 19, a
# quarter of an hour of training in place of 20 seconds. One text takes 4 ms, which nobody notices; a million take an
# hour in place of a minute.

# %% [markdown]
# ## Level by level
#
# Sensitivity, also called recall: of the sentences of each level, the share that was given it.

# %%
figure, axes = plt.subplots(figsize=(8.5, 3.2))
compared = {row.model: row for row in (rows[0], rows[-1])}
for shift, (title, row), colour in zip((-0.2, 0.2), compared.items(), (GREY, BLUE), strict=True):
    found = [100 * figures.recall for figures in row.figures.by_label.values()]
    mean = f"{title}: {np.mean(found):.0f}% on average"
    bars = axes.bar(np.arange(len(names)) + shift, found, width=0.38, color=colour, label=mean)
    axes.bar_label(bars, fmt="%.0f%%", fontsize=9, padding=2)
axes.set_xticks(range(len(names)), names)
axes.set(ylabel="of its sentences found, %", ylim=(0, 100))
axes.legend(frameon=False, ncols=2, loc="upper right")
plt.show()

# %% [markdown]
# ## Which levels are confused
#
# Rows are true levels, columns the levels given, in shares of the row. Beside the diagonal lie the errors that are one
# level off: somewhat positive for positive, say, on which people do not agree either.

# %%
figure, panels = plt.subplots(1, 2, figsize=(8.5, 4), sharey=True, dpi=80)
for axes, (title, row) in zip(panels, compared.items(), strict=True):
    confusion = np.array(row.figures.confusion)
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (true, said), share in np.ndenumerate(shares):
        colour = "white" if share > 0.55 else INK
        axes.text(said, true, f"{share:.0%}", ha="center", va="center", color=colour, fontsize=9)
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set(xlabel="level given", title=title)
    axes.spines[:].set_visible(False)
panels[0].set_yticks(range(len(names)), names)
panels[0].set_ylabel("true level")
plt.show()

# %%
lines = ["| model | right | one level off | two | three or four | of the errors, one off |", "| --- |" + " ---: |" * 5]
apart = np.abs(np.subtract.outer(range(len(names)), range(len(names))))
for row in rows:
    confusion = np.array(row.figures.confusion)
    far = np.bincount(apart.ravel(), confusion.ravel()) / confusion.sum()
    shares = (*far[:3], far[3:].sum(), far[1] / max(far[1:].sum(), 1e-9))
    lines.append(f"| {row.model} | {' | '.join(f'{share:.1%}' for share in shares)} |")
Markdown("\n".join(lines))

# %% [markdown]
# Most errors are one level off whichever model makes them. The encoder makes a third fewer of the others: 8.3 % of the
# sentences are two levels off or more, with counting 12.5 %. It finds twice as many of the most negative sentences,
# which counting takes for somewhat negative, and more of the neutral ones. These stay the hard ones: three in four are
# called somewhat negative or somewhat positive.

# %% [markdown]
# ## Sentences that turn
#
# Written for this page: what a sentence says is not the sum of what its words say.

# %%
turning = [
    "Nothing about it is dull.",
    "I expected to hate every minute and was wrong.",
    "The trailer is the best part of this film.",
    "It could have been a masterpiece, if only someone had written a script.",
    "You will not find a funnier film this year.",
    "Not even a brilliant cast can save it.",
]
answers = []
for reference in (references[0], references[-1]):
    scorer = Scorer(open_by_reference(reference), max_characters=1000).prepare()
    scorer.start()
    answers.append([f"{answer.label}, {max(answer.probabilities.values()):.0%}" for answer in scorer.score(turning)])
lines = [f"| | {' | '.join(compared)} |", "| --- | --- | --- |"]
lines += [f"| {' | '.join(line)} |" for line in zip(turning, *answers, strict=True)]
Markdown("\n".join(lines))

# %% [markdown]
# Of these six the encoder turns one: it is not taken in by the brilliant cast. To the first it is milder and still
# wrong; no funnier film it takes for blame, and the masterpiece without a script for praise. It knows words by their
# company, which is not the same as reading.
#
# ## When it pays
#
# - Where few texts are graded: what the encoder brings along replaces grades.
# - Where an answer on the wrong side does harm: a third fewer are off by two levels or more.
# - Where people wait for one answer at a time: 4 ms more are none.
#
# It does not where millions of texts are to be answered cheaply, where a word has to be shown for each answer
# (`explain` is not offered), or where a model has to fit into one megabyte. Between the two lies letting an encoder
# grade many texts and counting from these: [distilling](../docs/distilling.md).
#
# ## What follows
#
# Next: [the families side by side](04-evaluate.ipynb), with more sentences that turn. Before: [word vectors, and why
# their mean loses](02-word-vectors.ipynb). All settings and figures of the family:
# [transformers](../docs/transformer.md).
