// What the model says, in one word or a few, above its gauge.

import { byId, make } from "./dom.js";
import { drawBars } from "./gauge.js";
import { polarityOf, takeSide } from "./labels.js";
import { percent, weight } from "./numbers.js";

// The label, or the labels of a multi-label answer.
export const labelsOf = (answer) => answer.labels ?? [answer.label];

export function drawVerdict(answer, labelSet) {
  const labels = labelsOf(answer);
  const title = byId("label");
  title.textContent = labels.join(", ") || "None of the labels";
  takeSide(title, polarityOf(labelSet, answer.label));
  byId("facts").replaceChildren(...factsOf(answer, labelSet));
  const items = labelSet.items.map((item) => barOf(item, answer, labels));
  drawBars(byId("gauge"), labelSet.kind, items, answer.polarity);
}

function barOf({ id, name, polarity, threshold }, answer, labels) {
  const share = answer.probabilities[name] ?? 0;
  const limit = answer.thresholds?.[name] ?? answer.thresholds?.[id] ?? threshold;
  return { name, polarity, share, text: percent(share), chosen: labels.includes(name), threshold: limit };
}

function factsOf(answer, labelSet) {
  const facts = [];
  if (answer.label) facts.push(["probability", percent(answer.probabilities[answer.label])]);
  if (answer.level !== undefined) facts.push(["level", `${answer.level} of 0\u2013${labelSet.items.length - 1}`]);
  if (answer.polarity !== undefined) facts.push(["polarity", weight(answer.polarity)]);
  if (answer.truncated) facts.push(["text", "cut to the model\u2019s limit"]);
  return facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)));
}
