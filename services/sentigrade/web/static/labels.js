// Label sets: which labels a model has, and on which side of neutral one lies.

import { request } from "./service.js";

const known = new Map();

// Returns {kind, items: [{id, name, polarity, threshold}]} for the model that gave `answer`.
export async function labelSetOf(answer) {
  const key = `${answer.model}@${answer.version}`;
  if (!known.has(key)) known.set(key, await fetched(answer));
  return known.get(key);
}

async function fetched(answer) {
  try {
    const details = await (await request(`v1/models/${encodeURIComponent(answer.model)}`)).json();
    if (details.version === answer.version) return details.label_set;
  } catch {
    // What the answer itself says of its labels will do.
  }
  return guessed(answer);
}

function guessed(answer) {
  const names = Object.keys(answer.probabilities);
  const ordinal = answer.level !== undefined;
  const polarity = (level) => (ordinal ? (2 * level) / (names.length - 1) - 1 : null);
  const kind = ordinal ? "ordinal" : answer.labels ? "multilabel" : "nominal";
  return { kind, items: names.map((name, level) => ({ id: name, name, polarity: polarity(level) })) };
}

// Gives an element the colour of a polarity, or the accent where there is none.
export function takeSide(element, polarity) {
  const known = typeof polarity === "number";
  const side = !known ? "none" : polarity < 0 ? "negative" : polarity > 0 ? "positive" : "middle";
  element.dataset.side = side;
  element.style.setProperty("--far", known ? Math.sqrt(Math.abs(polarity)) : 1);
}

export const polarityOf = (labelSet, name) => labelSet.items.find((item) => item.name === name)?.polarity;
