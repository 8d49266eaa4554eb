# %% [markdown]
# # Six kinds of toxicity, and where to draw the line
#
# A comment may be toxic, obscene, a threat, all of these or none: any number of labels applies. A model gives each
# label a probability; from which one on the label is given is not for the model to say. This page trains one from [the
# recipe](../recipes/toxicity.toml), draws the line in five ways and counts what each costs. The comments are of
# Wikipedia's talk pages (Jigsaw's Toxic Comment Classification Challenge, 2018); none is shown, all that is quoted was
# written for this page.

# %%
# %matplotlib inline
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown
from sklearn.metrics import precision_recall_curve

from sentigrade.calibration import Calibrator, sigmoid
from sentigrade.evaluation.multilabel.details import by_label
from sentigrade.evaluation.multilabel.measures import measure_multilabel
from sentigrade.evaluation.multilabel.predictions import MultilabelPredictions
from sentigrade.evaluation.plots import AMBER, BLUE, GREY, INK, reliability_of_decisions, use_style
from sentigrade.evaluation.splitting import split_positions
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.text.cleaning import Cleaner, token_count
from sentigrade.training.calibrating import fit_calibrated
from sentigrade.training.recipe_file import follow, read_recipe
from sentigrade.training.thresholds import Aim, tune_thresholds

use_style()

# The comments lie beside the treebank.
data = Path(os.environ.get("DATA", "../data/sst5")).parent
recipe, source = follow(read_recipe(Path("../recipes/toxicity.toml")), data)
labels, names = source.labels, source.labels.names
truth = source.examples.labels
f"{len(truth):,} comments, {(truth.sum(axis=1) == 0).sum():,} of them without any of the labels {', '.join(names)}"

# %% [markdown]
# ## Rare, and seldom alone
#
# Left, how many comments have each label. Right, of those with the label of the row, the share that also has the label
# of the column. This is a part of the original, and richer in toxic comments than a talk page is: shares and precisions
# below hold for this mixture, and where fewer comments are toxic more of the flags are wrong.

# %%
counts = truth.sum(axis=0)
together = truth.T @ truth / counts[:, None]
figure, (left, panel) = plt.subplots(1, 2, figsize=(8.5, 3.4), width_ratios=(2, 3))
bars = left.barh(names, counts, color=BLUE)
left.bar_label(bars, [f"{count:,} ({count / len(truth):.1%})" for count in counts], fontsize=8, padding=3)
left.invert_yaxis()
left.set(xlabel="comments", xlim=(0, 1.6 * counts.max()))
panel.imshow(together, cmap="Blues", vmin=0, vmax=1)
for (row, column), share in np.ndenumerate(together):
    panel.text(
        column, row, f"{share:.0%}", ha="center", va="center", color="white" if share > 0.55 else INK, fontsize=8
    )
panel.set_xticks(range(len(names)), names, rotation=30, ha="right")
panel.set_yticks(range(len(names)), names)
panel.spines[:].set_visible(False)
plt.show()

# %%
of_each = np.bincount(truth.sum(axis=1), minlength=len(names) + 1)
lines = [
    "| labels of a comment | " + " | ".join(map(str, range(len(of_each)))) + " |",
    "| --- |" + " ---: |" * len(of_each),
]
lines.append("| comments | " + " | ".join(f"{count:,}" for count in of_each) + " |")
Markdown("\n".join(lines))

# %% [markdown]
# A third of the comments is toxic here, a threat is in 150 of them. Of the comments that have a label at all, 17 % have
# just one. Whatever is severely toxic is toxic, and 83 % of the threats and 85 % of the hate against a group insult as
# well. So what a model says of one label tells much about the others, and no comment is a clean example of one kind.
#
# ## A model
#
# A fifth of the comments is set aside, repeats on one side. From the others the package learns as the recipe says:
# counts of words and pairs, weighed by how much more often they stand in comments with the label, and a calibration in
# which each label leans on the scores of all six. Below, what it comes to on the fifth.

# %%
learned, aside = (source.examples.pick(part) for part in split_positions(source.examples, labels, share=0.2, seed=42))
cleaner = Cleaner(recipe.profile)
fit = fit_calibrated(labels, learned, cleaner.clean(learned.texts), recipe.parameters, seed=42)
cleaned = cleaner.clean(aside.texts)
lengths = np.array([token_count(text) for text in cleaned])
probabilities = Calibrator(fit.calibration).probabilities(fit.fitted.score(cleaned), lengths)

best = tune_thresholds(labels, fit.unseen.probabilities, fit.unseen.truth, recipe.thresholds)
said = MultilabelPredictions(best, probabilities, aside.labels)
lines = ["| label | comments with it | AUC | given from | precision | recall | F1 |", "| --- |" + " ---: |" * 6]
for name, row in zip(names, by_label(said).values(), strict=True):
    figures = (row.auc, row.threshold, row.precision, row.recall, row.f1)
    lines.append(f"| {name} | {row.n:,} | {' | '.join(f'{figure:.3f}' for figure in figures)} |")
measures = measure_multilabel(said)
summary = f"Mean AUC {measures.mean_auc:.3f}; all six right in {measures.exact_match:.1%} of {len(said):,} comments."
Markdown("\n".join(lines) + f"\n\n{summary}")

# %% [markdown]
# All six are ranked well: of a comment with the label and one without it, the one with it gets the higher probability
# in 94 to 98 % of the pairs. That is not the same as deciding well. Toxic, Obscene and Insult have precision and recall
# between 0.79 and 0.92; of the rare three half of what is given is wrong, or nearly half of what there is is missed. A
# threat is in 30 of the comments, so its figures would move by a tenth with other thirty.
#
# ## Precision against recall
#
# What every threshold would have reached on the comments that were learned from, each asked of a model that had not
# seen it. Precision: of the comments that get the label, the share that has it. Recall: of those that have it, the
# share that gets it. The line is the threshold with the best F1, which the package takes where a recipe wishes for
# nothing else.

# %%
unseen = fit.unseen
figure, panels = plt.subplots(2, 3, figsize=(8.5, 4.6), sharex=True, sharey=True, dpi=80)
for axes, label, given, applies in zip(panels.flat, best.items, unseen.probabilities.T, unseen.truth.T, strict=True):
    precision, recall, thresholds = precision_recall_curve(applies, given)
    axes.plot(thresholds, precision[:-1], color=AMBER, linewidth=1.5, label="precision")
    axes.plot(thresholds, recall[:-1], color=BLUE, linewidth=1.5, label="recall")
    axes.axvline(label.threshold, color=INK, linewidth=0.8)
    axes.set_title(f"{label.name}, {applies.sum():,}")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
figure.supxlabel("threshold", fontsize=10)
figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower right", ncols=2, frameon=False)
plt.show()

# %% [markdown]
# For the three frequent labels the curves cross high up and are flat around it: 0.2 or 0.5 makes little difference. For
# the rare ones every step to one side costs as much on the other, and no threshold has both. At the right end, where
# the curve of a rare label shakes, a handful of comments is left, and a precision is that of a handful.
#
# ## Five policies
#
# Who moderates knows what a miss and a false alarm cost, and how many comments people can look at. Each of these is a
# wish that a threshold can be chosen for:
#
# - **best F1**: nothing said; misses and false alarms in balance;
# - **miss few**: of the comments with a label at most a tenth may go without it;
# - **few false alarms**: of the comments that get a label nine in ten have it;
# - **by cost**: a miss costs as much as nine false alarms. Of probabilities that can be believed, that is a threshold
#   of 1 / (1 + 9), without any tuning;
# - **so many a day**: people look at one comment in ten for each label.
#
# The thresholds are chosen on the comments that were learned from, as above, and counted on the fifth.

# %%
policies = {
    "best F1": {},
    "miss few": dict.fromkeys(labels.ids, Aim(recall=0.9)),
    "few false alarms": dict.fromkeys(labels.ids, Aim(precision=0.9)),
    "by cost": dict.fromkeys(labels.ids, 0.1),
    "so many a day": dict(zip(labels.ids, np.quantile(unseen.probabilities, 0.9, axis=0).tolist(), strict=True)),
}
drawn = {
    policy: MultilabelPredictions(
        tune_thresholds(labels, unseen.probabilities, unseen.truth, wishes), probabilities, aside.labels
    )
    for policy, wishes in policies.items()
}
lines = [f"| threshold: precision, recall | {' | '.join(drawn)} |", "| --- |" + " --- |" * len(drawn)]
reached = {policy: by_label(one) for policy, one in drawn.items()}
for label in labels.items:
    rows = [of_policy[label.id] for of_policy in reached.values()]
    cells = [f"{row.threshold:.3f}: {row.precision:.2f}, {row.recall:.2f}" for row in rows]
    lines.append(f"| {label.name} | {' | '.join(cells)} |")
Markdown("\n".join(lines))

# %%
figure, panels = plt.subplots(1, len(drawn), figsize=(8.5, 2.9), sharey=True)
places = np.arange(len(names))
for axes, (policy, rows) in zip(panels, reached.items(), strict=True):
    axes.hlines(places, 0, 1, color=GREY, linewidth=0.5, alpha=0.5, zorder=0)
    for measured, marker, colour in (("precision", "<", AMBER), ("recall", ">", BLUE)):
        values = [getattr(row, measured) for row in rows.values()]
        axes.scatter(values, places, marker=marker, color=colour, s=30, label=measured, clip_on=False, zorder=3)
    axes.set(xlim=(0, 1), yticks=places, yticklabels=names)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"], fontsize=8)
    axes.set_title(policy, fontsize=10)
panels[0].invert_yaxis()
figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
plt.show()

# %%
lines = [
    "| policy | flagged | nothing was wrong | missed altogether | all six right | cost |",
    "| --- |" + " ---: |" * 5,
]
bad = aside.labels.any(axis=1)
for policy, one in drawn.items():
    flagged = one.given.any(axis=1)
    alarms, misses = (one.given > one.truth).sum(), (one.given < one.truth).sum()
    counted = (flagged.sum(), (flagged & ~bad).sum(), (~flagged & bad).sum())
    shares = " | ".join(f"{count:,}" for count in counted)
    lines.append(f"| {policy} | {shares} | {one.correct.mean():.1%} | {9 * misses + alarms:,} |")
total = f"Of {len(bad):,} comments {bad.sum():,} have a label. Cost: 9 for each label missed, 1 for each given wrongly."
Markdown("\n".join(lines) + f"\n\n{total}")

# %% [markdown]
# **Miss few** is kept on the fifth, with recalls from 0.89 to 0.92. For threats the price is nine false alarms in ten.
# **Few false alarms** is kept for the frequent labels alone. For Severely Toxic and Threat it was reached, among the
# comments that were learned from, by a single one each, that of the highest probability; of the fifth it finds nothing
# at all, and of Identity Hate one in fourteen, with a precision of 0.69. A wish for precision needs enough examples;
# without them give a number. (Where no threshold reaches the precision, `sentigrade train` says so and stops.) **By
# cost** has the least cost, as it should, for flags on 939 comments, 213 of them harmless. **So many a day** keeps each
# label to about a tenth of the comments, and is the same as saying nothing of a label that is rarer than that: most of
# the threats that it gives are none.
#
# None of these is right in itself. The best F1 is the package's choice where nobody has said anything, as it depends on
# no wish; whoever acts upon labels should say something.

# %% [markdown]
# ## A request may draw its own
#
# A policy can stand in the recipe, under `[thresholds]`, and then travels with the model; or in a request, which may be
# stricter with one label and switch another off (1 means never). Here the model in the store, `toxicity@1`, which takes
# the best F1. The probabilities stay what they are.

# %%
scorer = Scorer(open_model("toxicity@1", Settings(store="../model_store")), max_characters=1000).prepare()
scorer.start()
wishes = {
    "the model's own": {},
    "profanity allowed, threats watched": {"obscene": 1, "threat": 0.01},
    "only what is sure": dict.fromkeys(labels.ids, 0.9),
}
written = ["I will find you, you idiot.", "That was a stupid idea.", "This damn printer!", "Well spotted, thank you."]
columns = [scorer.score(written, Options(thresholds=chosen)) for chosen in wishes.values()]
lines = [f"| comment | {' | '.join(wishes)} |", "| --- |" + " --- |" * len(wishes)]
for text, *answers in zip(written, *columns, strict=True):
    lines.append(f"| {text} | {' | '.join(', '.join(answer.labels) or '-' for answer in answers)} |")
Markdown("\n".join(lines))

# %% [markdown]
# ## Can the probabilities be believed?
#
# The policy by cost rests on it. All decisions on the fifth, six a comment:

# %%
reliability_of_decisions(said)

# %%
plain = MultilabelPredictions(best, sigmoid(unseen.scores), unseen.truth)
lines = ["| | mean AUC | log loss | ECE | ECE if perfect |", "| --- |" + " ---: |" * 4]
for name, one in (
    ("scores as they come", plain),
    ("calibrated", MultilabelPredictions(best, unseen.probabilities, unseen.truth)),
    ("calibrated, the fifth", said),
):
    m = measure_multilabel(one)
    lines.append(f"| {name} | {m.mean_auc:.3f} | {m.log_loss:.3f} | {m.ece:.3f} | {m.ece_expected:.3f} |")
Markdown("\n".join(lines))

# %% [markdown]
# The calibration makes probabilities of scores that were none, and ranks better as well, since each label leans on all
# six scores. On the fifth it is 0.009 from perfect: between 0.3 and 0.5 labels apply more often than is said. The
# policy by cost only asks whether a probability is above 0.1, and about there what is said is nearly so.
#
# ## What goes wrong
#
# On the fifth, at the thresholds of the best F1. A label that is given wrongly may stand in a comment that has others,
# or in one that has none; one that is missed may leave the comment flagged for another, or not at all.

# %%
given, applies = said.given == 1, said.truth == 1
lines = [
    "| label | given wrongly | in a comment with others | missed | flagged for another |",
    "| --- |" + " ---: |" * 4,
]
for number, name in enumerate(names):
    alarms, misses = given[:, number] & ~applies[:, number], applies[:, number] & ~given[:, number]
    counted = (alarms.sum(), (alarms & applies.any(axis=1)).sum(), misses.sum(), (misses & given.any(axis=1)).sum())
    lines.append(f"| {name} | {' | '.join(f'{count:,}' for count in counted)} |")
Markdown("\n".join(lines))

# %%
starts = np.array([1, 11, 26, 51, 101, 201])
ticks = ["1-10", "11-25", "26-50", "51-100", "101-200", "201+"]
bin_ = np.searchsorted(starts, np.maximum(lengths, 1), side="right") - 1
flagged, toxic = given.any(axis=1), applies.any(axis=1)
lines = [
    "| words and marks | comments | with a label | of these missed | of the others flagged |",
    "| --- |" + " ---: |" * 4,
]
for number, tick in enumerate(ticks):
    here = bin_ == number
    missed, alarmed = (here & toxic & ~flagged).sum(), (here & ~toxic & flagged).sum()
    shares = missed / max((here & toxic).sum(), 1), alarmed / max((here & ~toxic).sum(), 1)
    lines.append(f"| {tick} | {here.sum():,} | {(here & toxic).sum():,} | {shares[0]:.1%} | {shares[1]:.1%} |")
Markdown("\n".join(lines))

# %% [markdown]
# Comments are lost, or flagged for nothing, by the label Toxic: 82 of the 88 that it misses get no other label either,
# and 40 of the 61 to which it is given wrongly have none. The other five, where they are given wrongly, are so among
# neighbours: 329 of 367 times in a comment with another label, and always so with Severely Toxic, where what is wrong
# is the degree. Of comments with a label and more than a hundred words and marks one in five is missed altogether, of
# shorter ones one in nine: a few words are outvoted by many. Short ones are flagged for nothing a little more often, 4
# % of them against 2 to 3 %: there one word decides.
#
# ## Who is spoken of
#
# People are insulted for what they are, so words for what people are stand in toxic comments more often than elsewhere,
# and whoever counts words may take the word for the insult (Dixon et al. 2018, *Measuring and Mitigating Unintended
# Bias in Text Classification*). Three harmless sentences, "My neighbour is ...", "I am ..., and so are my parents" and
# "She writes about being ...", with words for what people are and, in grey, with others; the mean of the three by the
# model in the store.

# %%
harmless = ["My neighbour is {}.", "I am {}, and so are my parents.", "She writes about being {}."]
others = ["a teacher", "a gardener", "a Norwegian", "a vegetarian", "left-handed", "tall"]
people = ["a woman", "a man", "black", "white", "Asian", "Arab", "an immigrant", "deaf", "blind", "old"]
people += ["a Christian", "a Muslim", "a Jew", "Jewish", "an atheist", "gay", "a lesbian", "straight", "transgender"]
means = {}
for word in [*others, *people]:
    answers = scorer.score([sentence.format(word) for sentence in harmless])
    means[word] = np.mean([list(answer.probabilities.values()) for answer in answers], axis=0)
words, table = np.array(list(means)), np.array(list(means.values()))
served = scorer.model.manifest.labels
shown = [served.ids.index("toxic"), served.ids.index("identity_hate")]
order = table[:, shown].max(axis=1).argsort()
figure, axes = plt.subplots(figsize=(8.5, 5))
for number, marker, colour in zip(shown, ("o", "D"), (BLUE, AMBER), strict=True):
    label = served.items[number]
    applied = f"{label.name}, given from {label.threshold:.2f} (line)"
    axes.scatter(table[order, number], range(len(words)), marker=marker, color=colour, s=30, label=applied, zorder=3)
    axes.axvline(label.threshold, color=colour, linewidth=0.8)
axes.hlines(range(len(words)), 0, 1, color=GREY, linewidth=0.5, alpha=0.5, zorder=0)
axes.set_yticks(range(len(words)), words[order])
for tick, word in zip(axes.get_yticklabels(), words[order], strict=True):
    tick.set_color(GREY if word in others else INK)
axes.set(xlim=(0, 1), xlabel="probability, mean of three harmless sentences")
axes.margins(y=0.02)
axes.legend(frameon=False, loc="lower right")
plt.show()

# %%
asked = [sentence.format(word) for word in [*others, *people] for sentence in harmless]
lines = ["| harmless sentence that gets a label | labels |", "| --- | --- |"]
for text, answer in zip(asked, scorer.score(asked), strict=True):
    if answer.labels:
        lines.append(f"| {text} | {', '.join(f'{name} {answer.probabilities[name]:.2f}' for name in answer.labels)} |")
Markdown("\n".join([*lines, "", f"{len(lines) - 2} of {len(asked)} sentences."]))

# %% [markdown]
# Most of these words do nothing: "a Christian", "black" and "deaf" are answered as "a teacher" is. A few do. "Gay" is
# called toxic and hateful in three harmless sentences, once with 0.96, so that no stricter threshold would help; "a
# Jew" is called hateful, though "Jewish" is not; "a lesbian" and "a Muslim" are raised, if not over the line. The model
# says what it has seen: in these comments the words are mostly thrown at somebody. Who hides comments by it hides
# people who speak of themselves. Let people decide about Identity Hate, ask your model the same of the words that your
# callers use, and learn from harmless comments that hold them.
#
# ## What follows
#
# - Set thresholds by what a miss and a false alarm cost you, label by label, in the recipe or in the request.
# - Wish for recall or precision only where there are examples enough; otherwise a number.
# - Shares change the precision: measure again on a sample of your own texts with `sentigrade evaluate`.
#
# Next: [how a long text is read](06-long-texts.ipynb). Before: [the families side by side](04-evaluate.ipynb), of which
# [models](../docs/models.md) has the figures for these comments too. How to write recipes with thresholds:
# [training](../docs/training.md#recipes); what a request may ask for: [the HTTP interface](../docs/http.md); what the
# figures mean: [evaluation](../docs/evaluation.md#any-number-of-labels-a-text).
