# %% [markdown]
# # Word vectors, and why their mean loses
#
# A word vector says what words a word stands among. Here word2vec learns some from film reviews, with gensim; GloVe's,
# learned from six billion words of Wikipedia and news, stand beside them. This page draws them, asks for neighbours,
# and measures what a review's mean vector tells of it against what counted words tell. The reviews are the training
# part of the Large Movie Review Dataset (Maas et al. 2011); of them single words are shown, no more.

# %%
# %matplotlib inline
import csv
import gzip
import hashlib
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from gensim.models import KeyedVectors, Word2Vec
from IPython.display import Markdown
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sentigrade.data.examples import Examples
from sentigrade.data.word_vectors import read_word_vectors
from sentigrade.evaluation.plots import AMBER, BLUE, GREY, INK, use_style
from sentigrade.labels import make_labels
from sentigrade.text.cleaning import Cleaner
from sentigrade.text.profile import CleaningProfile
from sentigrade.training.families import parameters_of
from sentigrade.training.learning import TrainingTexts
from sentigrade.training.recipe_file import read_recipe

use_style()

# Reviews and vectors lie beside the treebank: reviews as published, a file each, or as a table.
data = Path(os.environ.get("DATA", "../data/sst5")).parent
folder = data / "imdb"
if (folder / "train").is_dir():
    files = [path for side in ("neg", "pos") for path in sorted((folder / "train" / side).iterdir())]
    texts = [path.read_text(encoding="utf-8") for path in files]
    liked = np.array([int(path.parent.name == "pos") for path in files])
else:
    with gzip.open(folder / "train.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = [row["text"] for row in rows]
    liked = np.array([int(row["label"] == "pos") for row in rows])
cleaned = Cleaner(CleaningProfile()).clean(texts)
tokens = [text.split() for text in cleaned]

# A fifth is asked about, by a hash of the text, so that a review that occurs twice stays on one side.
part = np.array([hashlib.sha256(text.encode()).digest()[0] % 5 for text in texts])
asked = np.flatnonzero(part == 0)
learned = np.random.default_rng(42).permutation(np.flatnonzero(part > 0))
f"{len(learned):,} reviews to learn from, {len(asked):,} to ask about; {sum(map(len, tokens)):,} tokens"

# %% [markdown]
# ## Learning vectors
#
# word2vec goes through the reviews with a window of five words to either side and moves the vector of each word towards
# those of its neighbours. It is told nothing of what reviews like. GloVe's vectors are read from a file beside the data
# ([where it comes from](../docs/embedding.md)); here only the words that the reviews use are kept.

# %%
reviews = [tokens[position] for position in learned]
# One worker: with more the result differs from run to run.
ours = Word2Vec(reviews, vector_size=100, window=5, min_count=5, epochs=3, seed=42, workers=1).wv
read = read_word_vectors(data / "glove.6B.50d.npy", ours.key_to_index, dimensions=50)
glove = KeyedVectors(vector_size=50)
glove.add_vectors(list(read), np.array(list(read.values())))
f"word2vec: {len(ours):,} words, 100 numbers each; GloVe has {len(glove):,} of them, 50 numbers each"

# %% [markdown]
# ## A picture of some words
#
# Words chosen for this page, in the two directions in which they differ most (principal components).

# %%
kinds = {
    "praise": ("good", "great", "superb", "charming", "moving", "funny"),
    "blame": ("bad", "awful", "dreadful", "dull", "stupid", "weak"),
    "what films have": ("film", "plot", "script", "actor", "camera", "scene"),
    "whom they tell of": ("mother", "soldier", "detective", "teacher", "king", "child"),
}
colours = dict(zip(kinds, (BLUE, AMBER, GREY, INK), strict=True))
known = {word: kind for kind, words in kinds.items() for word in words if word in ours and word in glove}
named = {"word2vec, of film reviews": ours, "GloVe, of Wikipedia and news": glove}
figure, panels = plt.subplots(1, 2, figsize=(8.5, 4.2))
for axes, (name, vectors) in zip(panels, named.items(), strict=True):
    unit = np.array([vectors.get_vector(word, norm=True) for word in known])
    places = PCA(2).fit_transform(unit)
    for (word, kind), (x, y) in zip(known.items(), places, strict=True):
        axes.text(x, y, word, color=colours[kind], fontsize=9, ha="center", va="center")
    axes.update_datalim(places)
    axes.margins(0.1)
    axes.autoscale_view()
    axes.set(xticks=[], yticks=[], title=name)
for place, (kind, colour) in enumerate(colours.items()):
    figure.text(0.02 + 0.2 * place, 0.01, kind, color=colour, fontsize=10, weight="bold")
figure.get_layout_engine().set(rect=(0, 0.06, 1, 0.94))
plt.show()

# %% [markdown]
# People stand apart from what films have, and both from judgements: that is what tells the places of words in sentences
# apart. Praise and blame lie side by side. In the reviews "bad" is the neighbour of "good" and "great", and "funny"
# stands among blame; in GloVe's vectors the two kinds are further apart, yet with "weak" next to "great".

# %% [markdown]
# ## Neighbours
#
# For each word the five with the most similar vectors, by the cosine of the angle between them.

# %%
lines = ["| word | near it in the film reviews | near it in Wikipedia and news |", "| --- | --- | --- |"]
for word in ("good", "bad", "wonderful", "dull", "actor"):
    if word in ours and word in glove:
        lists = (vectors.most_similar(word, topn=5) for vectors in named.values())
        near = [", ".join(f"{other} {cosine:.2f}" for other, cosine in neighbours) for neighbours in lists]
        lines.append(f"| **{word}** | {' | '.join(near)} |")
Markdown("\n".join(lines))

# %% [markdown]
# The nearest word to "good" is "bad", and to "bad" it is "good": both stand in the same places. word2vec takes two
# words for alike if one could take the place of the other, which a word and its opposite can. Words for strong opinions
# have better neighbours in the reviews, where they are frequent; in Wikipedia and news they are rare, and "dull" has
# "oddly" and "darker" beside it.

# %% [markdown]
# ## Is a review liked?
#
# Four ways to answer, from more and more graded reviews: the package's linear family on words and pairs of words, as
# [the recipe](../recipes/polarity.toml) has it, and a logistic regression on mean vectors. To give rare words more of
# the mean, each word is also weighed by 1 / (1 + 1,000 times its share of all tokens), after Arora et al. 2017. The
# vectors learned from all 20,000 reviews, as that takes no grades.

# %%
recipe = read_recipe(Path("../recipes/polarity.toml"))
parameters = parameters_of(recipe.family, recipe.parameters)
examples = Examples.of_whole_texts("reviews", texts, liked)
labels = make_labels(["bad", "good"], ordered=False)

counts = CountVectorizer(token_pattern=r"\S+", lowercase=False, vocabulary=ours.key_to_index).fit_transform(cleaned)
shares = np.asarray(counts[learned].sum(axis=0)).ravel() / counts[learned].sum()
even, rare_up = np.ones(len(ours)), 1 / (1 + 1000 * shares)
of_glove = np.array([glove[word] if word in glove else np.zeros(50) for word in ours.index_to_key])
means = {}
for name, vectors, weights in (
    ("mean of word2vec", ours.vectors, even),
    ("the same, rare words weighed up", ours.vectors, rare_up),
    ("mean of GloVe", of_glove, even),
):
    sums, totals = counts @ (weights[:, None] * vectors), counts @ weights
    means[name] = sums / np.maximum(totals, 1e-9)[:, None]

sizes = [size for size in (100, 300, 1000, 3000, 10_000) if size < len(learned)] + [len(learned)]
right = {name: [] for name in ("words and pairs, counted", *means)}
for size in sizes:
    given = learned[:size]
    training = TrainingTexts.of(labels, [cleaned[position] for position in given], examples.pick(given))
    scores = parameters.fit(training, seed=42).score([cleaned[position] for position in asked])
    right["words and pairs, counted"].append((scores.argmax(axis=1) == liked[asked]).mean())
    for name, vectors in means.items():
        regression = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        regression.fit(vectors[given], liked[given])
        right[name].append(regression.score(vectors[asked], liked[asked]))

lines = [f"| graded reviews | {' | '.join(right)} |", "|---:|" + "---:|" * len(right)]
for size, row in zip(sizes, zip(*right.values(), strict=True), strict=True):
    lines.append(f"| {size:,} | {' | '.join(f'{share:.3f}' for share in row)} |")
Markdown("\n".join(lines))

# %%
figure, axes = plt.subplots(figsize=(8.5, 3.2))
for (name, shares_right), colour in zip(right.items(), (BLUE, AMBER, INK, GREY), strict=True):
    axes.plot(sizes, shares_right, "o-", color=colour, label=f"{name}: {shares_right[-1]:.3f}")
axes.set(xscale="log", xlabel="graded reviews learned from", ylabel="share answered right")
axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
axes.minorticks_off()
axes.legend(frameon=False)
axes.set_title("The more grades there are, the further counting is ahead")
plt.show()

# %% [markdown]
# With a hundred grades word2vec's means, which know from 19,818 ungraded reviews what words go together, are ahead by
# little, and which hundred were drawn is chance. From 300 on counting is ahead, with all grades by a tenth of all
# reviews, and it still rises. The means hardly rise after 3,000: the regression's hundred numbers are then known as
# well as they need to be. More weight for rare words gives up to one and a half points. GloVe has half as many numbers
# a word and learned from texts that seldom judge; it stays two to five points below.

# %% [markdown]
# ## Why
#
# A linear answer to a mean vector is a sum over words, as it is when words are counted: each word weighs the product of
# its vector with the regression's 100 numbers. Only, the weights cannot be chosen word by word. Here each word of the
# picture, and some that turn or qualify, by its weight in a regression on counted single words and by what it weighs in
# the mean of word2vec; both in standard deviations over all words.

# %%
more = ("not", "n't", "no", "only", "but", "waste", "unfortunately", "perfect", "best", "worst", "supposed", "excuse")
rows = [ours.key_to_index[word] for word in (*known, *more) if word in ours]
by_count = LogisticRegression(C=0.02, max_iter=1000).fit(counts[learned] > 0, liked[learned]).coef_[0]
regression = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
regression.fit(means["mean of word2vec"][learned], liked[learned])
by_vector = ours.vectors @ (regression[-1].coef_[0] / regression[0].scale_)
figure, axes = plt.subplots(figsize=(8.5, 4.4))
x, y = by_count / by_count.std(), (by_vector - by_vector.mean()) / by_vector.std()
for row in rows:
    word = ours.index_to_key[row]
    axes.text(x[row], y[row], word, color=colours[known[word]] if word in known else "#7b341e", fontsize=9, ha="center")
axes.update_datalim(np.column_stack([x, y])[rows])
axes.margins(0.08)
axes.autoscale_view()
axes.axhline(0, color=GREY, linewidth=0.8)
axes.axvline(0, color=GREY, linewidth=0.8)
axes.set(xlabel="weight, when words are counted", ylabel="weight in the mean of word2vec")
plt.show()

# %% [markdown]
# Counting finds "worst" the most telling of these words, and much in "waste", "perfect" and "unfortunately". In the
# mean "worst" weighs less than half of "bad", and "perfect" and "unfortunately" hardly anything: each has the weight of
# the places in which it stands. What stands near blame is blamed: "script" weighs as much against a film as "awful",
# and "plot" more, because they are talked of where a film fails. A hundred numbers must do for 26,000 words. To this
# comes what neither of these two regressions sees: which words stand side by side. "Not" is a word as any other here;
# the linear family counts "not good" too.
#
# ## What follows
#
# All this is said of vectors that stay as they are. Family `embedding` also begins with vectors and their mean, but
# lets them move with the grades, so that "good" and "bad" part: 0.896 of these reviews with GloVe, by five folds
# ([word vectors and a dense layer](../docs/embedding.md)).
#
# Next: an encoder gives a word other numbers in other company, [fine-tuning](03-transformer.ipynb). Before:
# [from counts to the served model](01-train-linear.ipynb).
