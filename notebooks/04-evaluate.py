# %% [markdown]
# # The families side by side
#
# The pages before this one made models; this one asks which to take. Every family answers the treebank's 1,101
# development sentences, from which none has learned, and then three dozen sentences written for this page that are hard
# on purpose: negation, contrast, irony, comparison, mixed feelings, plots. The families that train with torch need its
# environment (`make .venv-torch/installed`).

# %%
# %matplotlib inline
import os
import tempfile
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from sentigrade.data.labelled_file import Columns
from sentigrade.data.sources import read_to_measure, read_treebank
from sentigrade.evaluation.comparison import as_table, compare
from sentigrade.evaluation.naming import name_of
from sentigrade.evaluation.plots import BLUE, GREY, INK, use_style
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.training.families import parameters_of
from sentigrade.training.train import Recipe, train

use_style()

# Vectors and encoder lie beside the treebank.
data = Path(os.environ.get("DATA", "../data/sst5"))
source = read_treebank(data)
sentences, names = source.examples.only_whole(), source.labels.names
f"{len(source.examples):,} phrases of {len(sentences):,} sentences to learn from"

# %% [markdown]
# ## The models
#
# Two are in the store: `sentiment@2`, which counts words and pairs in all graded phrases, and `sentiment@3`, which was
# also [taught by an encoder](../docs/distilling.md). Three are trained here: fastText from all phrases, word vectors
# and an encoder from the whole sentences alone. All phrases would take the encoder an hour. To these come the folders
# of models that the variable `MODELS` names, if it is set.

# %%
folder = Path(tempfile.mkdtemp())
trained = {
    "fasttext": ({}, source.examples),
    "embedding": ({"vectors": str(data.parent / "glove.6B.50d.npy")}, sentences),
    "transformer": ({"encoder": str(data.parent / "all-MiniLM-L6-v2"), "epochs": 2}, sentences),
}
for family, (settings, examples) in trained.items():
    recipe = Recipe(family, source.labels, source.license, family, parameters=parameters_of(family, settings))
    train(recipe, examples, [], folder / family)
    print(f"{family}: {len(examples):,} texts")

# %%
references = ["sentiment@2", "sentiment@3", *(str(folder / family) for family in trained)]
references += os.environ.get("MODELS", "").split()
open_by_reference = partial(open_model, settings=Settings(store="../model_store"))
read = partial(read_to_measure, data / "dev", Columns())
rows = list(compare(references, open_by_reference, read, max_characters=100_000))
Markdown("\n".join(as_table(rows)))

# %% [markdown]
# ## How sure that is
#
# Each figure with the interval in which it lies in 95 of 100 samples of as many sentences. Of two models whose
# intervals overlap one may still be the better one: what counts is the interval of the gain on the same sentences, the
# table's second column.

# %%
models = [row.model for row in rows]
figure, panels = plt.subplots(1, 3, figsize=(8.5, 0.9 + 0.4 * len(rows)), sharey=True)
for axes, measured in zip(panels, ("accuracy", "macro_f1", "log_loss"), strict=True):
    values = np.array([getattr(row.figures, measured) for row in rows])
    low, high = np.array([row.figures.intervals[measured] for row in rows]).T
    axes.errorbar(values, models, xerr=[values - low, high - values], fmt="o", color=BLUE, ecolor=GREY, capsize=3)
    axes.axvline(values[0], color=GREY, linewidth=0.8, linestyle=":")
    axes.set_title(name_of(measured))
panels[0].invert_yaxis()
plt.show()

# %% [markdown]
# Word vectors are the only ones that can be told from `sentiment@2`: four points below, and the interval of the loss
# leaves out 0. `sentiment@3` and the encoder are two points above it and fastText is beside it, but each of these
# intervals holds 0. So accuracy does not choose between the four. Log loss does a little and cost a lot: `sentiment@3`
# has the least log loss, a file of 2 MB, and answers some fifty times as many texts a second as the encoder. (Speed is
# that of one core of a machine that was busy with other work; on a quieter one it is up to twice as much.
# [Models](../docs/models.md) has all families on four tasks.)
#
# The encoder has seen whole sentences alone, twice each. Fine-tuned on every phrase it is right in 0.515, and then its
# gain over counting leaves out 0: [fine-tuning](03-transformer.ipynb). All of this is of sentences kept apart. Phrases
# split at random into training and test would make it 0.672, of the same family that has 0.461 here: [the
# leak](../docs/evaluation.md).

# %% [markdown]
# ## Which levels are confused
#
# Rows are true levels, columns the levels given, from Negative (top, left) to Positive, in shares of the row.

# %%
signs = ["−−", "−", "0", "+", "++"]
figure, panels = plt.subplots(1, len(rows), figsize=(8.5, 0.8 + 7.5 / len(rows)), sharey=True)
for axes, row in zip(panels, rows, strict=True):
    confusion = np.array(row.figures.confusion)
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (true, said), share in np.ndenumerate(shares):
        colour = "white" if share > 0.55 else INK
        axes.text(said, true, f"{100 * share:.0f}", ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(names)), signs)
    axes.set_yticks(range(len(names)), signs)
    axes.set_title(row.model, fontsize=9)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
panels[0].set_ylabel("true level")
figure.supxlabel("level given, % of the true level's sentences", fontsize=9)
plt.show()

# %%
apart = np.abs(np.subtract.outer(range(len(names)), range(len(names))))
lines = ["| model | right | one level off | two | three or four | Neutral found |", "| --- |" + " ---: |" * 5]
for row in rows:
    confusion = np.array(row.figures.confusion)
    far = np.bincount(apart.ravel(), confusion.ravel()) / confusion.sum()
    shares = (*far[:3], far[3:].sum(), row.figures.by_label["neutral"].recall)
    lines.append(f"| {row.model} | {' | '.join(f'{share:.1%}' for share in shares)} |")
Markdown("\n".join(lines))

# %% [markdown]
# All five err alike. Four sentences in ten are one level off, and 10 % (the encoder) to 16 % (word vectors) two levels
# or more. Each calls more of the sentences at either end by the moderate level beside it than by their own. Neutral is
# what they miss: one such sentence in eight is found, by the encoder one in four, and the others are parted between the
# two sides. Where sides are all that is asked for, add up the probabilities on either side and leave the levels.

# %% [markdown]
# ## Can the probabilities be believed?
#
# How often answers were right, by how sure they were; on the dashed line they are right as often as they say. The size
# of a dot is the number of sentences.

# %%
figure, panels = plt.subplots(1, len(rows), figsize=(8.5, 0.9 + 7.5 / len(rows)), sharey=True)
for axes, row in zip(panels, rows, strict=True):
    bins = row.figures.by_confidence
    sure, right = [bin_.confidence for bin_ in bins], [bin_.accuracy for bin_ in bins]
    axes.plot((0, 1), (0, 1), color=GREY, linestyle="--", linewidth=1)
    axes.scatter(sure, right, s=[0.4 * bin_.n for bin_ in bins], color=BLUE, clip_on=False)
    axes.set(xlim=(0.15, 1), ylim=(0, 1), xticks=[0.4, 0.8])
    axes.set_title(row.model, fontsize=9)
panels[0].set_ylabel("share that was right")
figure.supxlabel("probability of the level given", fontsize=9)
plt.show()

# %% [markdown]
# The first three are as near to the line as perfect probabilities would be on so many sentences: "ECE minus expected"
# in the first table is within 0.005 of 0. Word vectors and the encoder promise too much between 0.5 and 0.7, and are
# off by 0.014 and 0.018 more than chance explains. The encoder's calibration was fitted to 855 sentences, a tenth of
# all.

# %% [markdown]
# ## Hard sentences
#
# Written for this page, six of a kind, with the side that a reader takes them for. They are the author's, and few: what
# they show is what a model can be led astray by, not how often it is.

# %%
negative, neutral, positive = -1, 0, 1
hard = {
    "negation": [
        ("There is not a dull minute in it.", positive),
        ("I could not find a single fault.", positive),
        ("It isn't bad at all.", positive),
        ("It is not a good film.", negative),
        ("Nobody could call this script clever.", negative),
        ("The jokes never work.", negative),
    ],
    "contrast": [
        ("Although it starts slowly, it ends as a masterpiece.", positive),
        ("The effects are poor, but the story won me over.", positive),
        ("It is predictable, and still I loved every minute.", positive),
        ("The cast is wonderful, but the film is a mess.", negative),
        ("Beautiful pictures, yet nothing holds them together.", negative),
        ("Despite a brilliant first act, the film collapses.", negative),
    ],
    "irony": [
        ("If you cannot sleep, this film will help.", negative),
        ("What a treat: two hours of a man reading the phone book.", negative),
        ("My favourite moment was when the lights came back on.", negative),
        ("Another sequel was exactly what the world was waiting for.", negative),
        ("The popcorn was excellent, and so was the exit.", negative),
        ("Congratulations to whoever managed to stay awake.", negative),
    ],
    "comparison": [
        ("No other film this year comes close.", positive),
        ("It beats everything else the director has made.", positive),
        ("Next to this one, the famous original looks dull.", positive),
        ("The book is far better than this.", negative),
        ("I have had more fun at the dentist.", negative),
        ("It makes his worst film look like a masterpiece.", negative),
    ],
    "mixed feelings": [
        ("Half of it is very funny and half of it is very dull.", neutral),
        ("Good actors, bad lines.", neutral),
        ("I liked the beginning as much as I disliked the end.", neutral),
        ("A fine score and a poor script cancel each other out.", neutral),
        ("It is neither as good as they say nor as bad.", neutral),
        ("Some will love it and some will leave.", neutral),
    ],
    "plot": [
        ("A widow hides her grief from a cruel and violent brother.", neutral),
        ("The hero falls in love with a beautiful and clever thief.", neutral),
        ("A soldier remembers the terrible winter in which his friends died.", neutral),
        ("Two happy children win a wonderful journey to the sea.", neutral),
        ("A brilliant doctor poisons her patients.", neutral),
        ("Three sisters meet in a prison in 1953.", neutral),
    ],
}
asked = [(kind, text, side) for kind, pairs in hard.items() for text, side in pairs]
kinds, texts, sides = (np.array(column) for column in zip(*asked, strict=True))
levels = []
for reference in references:
    scorer = Scorer(open_by_reference(reference), max_characters=1000).prepare()
    scorer.start()
    levels.append([answer.level for answer in scorer.score(texts.tolist())])
levels = np.array(levels)
right = np.sign(levels - 2) == sides

lines = [f"| | meant | {' | '.join(models)} |", "| --- |" + " :---: |" * (len(models) + 1)]
for number, (kind, text, side) in enumerate(asked):
    if number == 0 or kind != kinds[number - 1]:
        lines.append(f"| **{kind}** |" + " |" * (len(models) + 1))
    marks = [
        f"**{signs[level]}** ✓" if fits else signs[level]
        for level, fits in zip(levels[:, number], right[:, number], strict=True)
    ]
    lines.append(f"| {text} | {'−0+'[side + 1]} | {' | '.join(marks)} |")
Markdown("\n".join(lines))

# %% [markdown]
# A tick is an answer on the right side. By kind, with what somebody would get who calls everything negative:

# %%
lines = [f"| kind | {' | '.join(models)} | always negative |", "| --- |" + " ---: |" * (len(models) + 1)]
for kind in hard:
    of_kind = kinds == kind
    counts = [*right[:, of_kind].sum(axis=1), (sides[of_kind] == negative).sum()]
    lines.append(f"| {kind} | {' | '.join(f'{count} of {of_kind.sum()}' for count in counts)} |")
totals = [*right.sum(axis=1), (sides == negative).sum()]
lines.append(f"| **all** | {' | '.join(f'**{total} of {len(asked)}**' for total in totals)} |")
Markdown("\n".join(lines))

# %% [markdown]
# None is better at these sentences than somebody who calls everything negative, and with so few the order of the five
# is chance. What can be seen is by kind:
#
# - **Contrast** is where reading in order pays, if anywhere: the encoder follows the "but" in five of six.
#   `sentiment@3`, whose teacher was an encoder, follows it in four, the three that only learned from grades in one or
#   two.
# - **Negation** is half understood. Of the three that deny praise each gets two or all right; of the three that deny
#   blame the encoder gets one, the others none.
# - **Irony** is out of sight: the encoder has none of six, the others two to four, fewer than blind blame has.
# - **Comparison** is read without its sides: everybody hears "dull", nobody that it is said of the other film.
# - **Mixed feelings** and **plots** are called Neutral next to never. That is the confusion matrix again: a sentence
#   that holds words of praise or blame is put on a side, whomever they are said of.

# %% [markdown]
# ## Which words moved it
#
# The linear family says what each word added to the score of the level that it gave (`explain`). Here are the sentences
# whose side the default model, `sentiment@3`, gets wrong, with the three words that moved its answer most.

# %%
default = models.index("sentiment@3")
scorer = Scorer(open_by_reference("sentiment@3"), max_characters=1000).prepare()
scorer.start()
wrong = np.flatnonzero(~right[default])
lines = ["| kind | sentence | said | words that moved it most |", "| --- | --- | --- | --- |"]
for number, answer in zip(wrong, scorer.score(texts[wrong].tolist(), Options(explain=True)), strict=True):
    text = str(texts[number])
    words = answer.explanation.words
    most = np.argsort([-abs(word.weight) for word in words], kind="stable")[:3]
    moved = ", ".join(f"{text[words[i].start : words[i].end]} {words[i].weight:+.2f}" for i in most)
    lines.append(f"| {kinds[number]} | {text} | {answer.label} | {moved} |")
Markdown("\n".join(lines))

# %% [markdown]
# "Not" and "n't" are blame by themselves, whatever follows; in "not a dull minute" the word that it turns does not
# stand next to it, so no pair of words can put it right. "Brilliant", "wonderful" and "beautiful" praise the film,
# though a doctor, a journey and a thief are meant, and "excellent" the popcorn. In the ironical sentences no word tells
# that the opposite is meant: what would, is knowledge of lights, exits and phone books. Even the full stop leans to one
# side, as it tells whole sentences, which take sides, from phrases, which mostly do not.
#
# ## What follows
#
# - Take `sentiment@3` unless something speaks against it: none here is measurably better, and it says why.
# - Take an encoder, fine-tuned on as much as there is, where contrasts and neutral texts matter and some hundred texts
#   a second are enough.
# - Take no family where irony matters, and do not take Neutral for "this is only the plot".
#
# Next: [any number of labels a text, and thresholds](05-toxicity.ipynb). Before: [fine-tuning](03-transformer.ipynb).
# How such figures are made for any model and file: [evaluation](../docs/evaluation.md); what each family reaches:
# [models](../docs/models.md).
