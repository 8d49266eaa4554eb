// The text read closely: its coloured words, and sentence by sentence when there are several.

import { codePointLength, indexOfOffset } from "./code_points.js";
import { byId, make } from "./dom.js";
import { polarityOf, takeSide } from "./labels.js";
import { exactWeight, percent } from "./numbers.js";
import { followWords, show } from "./readout.js";
import { labelsOf } from "./verdict.js";
import { colouredWords, heaviestOf } from "./words.js";

const MOST_DOTS = 9;

followWords(byId("passage"));
byId("sum").addEventListener("toggle", () => byId("sum").open && drawSum());

let shown = null;

export function drawReading(text, answer, labelSet) {
  show(null);
  shown = { text, answer, labelSet, indexOf: indexOfOffset(text), length: codePointLength(text) };
  const sentences = answer.sentences?.length > 1 ? answer.sentences : null;
  const explained = Boolean(answer.explanation || sentences?.some((sentence) => sentence.explanation));
  byId("reading").hidden = !text.trim() || !(sentences || explained);
  byId("reading-title").textContent = sentences ? "Sentences" : "Words";
  byId("passage").replaceChildren(sentences ? listOf(sentences) : paragraph(answer.explanation));
  makeWalkable(byId("passage"));
  drawLegend(explained, sentences?.some((sentence) => sentence.explanation) ? null : answer.explanation?.label);
  byId("sum").hidden = !answer.explanation?.words.length;
  if (byId("sum").open) drawSum();
}

// The words of `explanation` between two offsets, by default those of the whole text.
function paragraph(explanation, start = 0, end = Infinity, heaviest = heaviestOf(explanation?.words ?? [])) {
  const { text, labelSet, indexOf, length } = shown;
  const last = Math.min(end, length);
  const words = (explanation?.words ?? []).filter((word) => word.start >= start && word.end <= last);
  const pieces = colouredWords(text, words, { start, end: last, indexOf, heaviest });
  const result = make("p", { dir: "auto", data: { label: explanation?.label ?? "" } }, ...pieces);
  takeSide(result, polarityOf(labelSet, explanation?.label));
  return result;
}

// A sentence's own explanation tells more beside its own level than its part in the explanation of the whole text.
function listOf(sentences) {
  const whole = shown.answer.explanation;
  const explanations = sentences.map((sentence) => sentence.explanation ?? whole);
  const heaviest = Math.max(...explanations.map((explanation) => heaviestOf(explanation?.words ?? [])));
  const rows = sentences.map((sentence, place) => {
    const words = paragraph(explanations[place], sentence.start, sentence.end, heaviest);
    return make("li", {}, levelOf(sentence), words);
  });
  return make("ol", { className: "sentences" }, ...rows);
}

// A sentence's level: as a dot's place, as a colour and as a word.
function levelOf(sentence) {
  const { kind, items } = shown.labelSet;
  const label = labelsOf(sentence).join(", ") || "none";
  const mark = make("span", { className: "level", title: shareOf(sentence) });
  if (kind === "ordinal" && items.length <= MOST_DOTS) {
    const dots = items.map((_, level) => make("i", { className: level === sentence.level ? "on" : "" }));
    const row = make("span", { className: "dots" }, ...dots);
    takeSide(row, polarityOf(shown.labelSet, sentence.label));
    mark.append(row);
  }
  mark.append(make("span", {}, label));
  return mark;
}

const shareOf = ({ label, probabilities }) => (label ? `${label}: ${percent(probabilities[label])}` : "");

function makeWalkable(passage) {
  const walkable = passage.querySelector("mark") !== null;
  passage.tabIndex = walkable ? 0 : -1;
  if (!walkable) return passage.removeAttribute("role");
  passage.setAttribute("role", "group");
  passage.setAttribute("aria-label", "Coloured words");
  return passage.setAttribute("aria-describedby", "hint");
}

// `label` is the one that all words are coloured for, or null where each sentence has its own.
function drawLegend(explained, label) {
  byId("legend").hidden = byId("hint").hidden = !explained;
  const sample = (way, text) => make("mark", { data: { way, strength: 2 } }, text);
  takeSide(byId("legend"), label ? polarityOf(shown.labelSet, label) : 0);
  byId("legend").replaceChildren(
    sample("for", `speaks for ${label ?? "its sentence\u2019s label, in its colour"}`),
    sample("against", "speaks against it"),
    make("span", {}, "the stronger, the heavier"),
  );
}

function drawSum() {
  const { text, answer, indexOf } = shown;
  if (!answer.explanation) return;
  const { base, words, score, label } = answer.explanation;
  const row = (name, value) => make("tr", {}, make("th", { scope: "row", dir: "auto" }, name), make("td", {}, exactWeight(value)));
  const spoken = (word) => text.slice(indexOf(word.start), indexOf(word.end));
  byId("sum-table").replaceChildren(
    make("tbody", {}, row("without any words", base), ...words.map((word) => row(spoken(word), word.weight))),
    make("tfoot", {}, row(`score of ${label}`, score)),
  );
}
