// A text with its words coloured by what they did to the score.

import { make } from "./dom.js";

// Below this part of the heaviest weight a word is left plain: the sum below the text has it.
const PLAIN = 0.15;

// Returns nodes for the piece of `text` from offset `start` to `end`; `indexOf` is indexOfOffset(text).
export function colouredWords(text, words, { start, end, indexOf, heaviest }) {
  const nodes = [];
  let position = start;
  for (const word of words) {
    if (word.start < position || word.end > end) continue;
    nodes.push(text.slice(indexOf(position), indexOf(word.start)));
    nodes.push(wordOf(text.slice(indexOf(word.start), indexOf(word.end)), word.weight, heaviest));
    position = word.end;
  }
  nodes.push(text.slice(indexOf(position), indexOf(end)));
  return nodes;
}

export const heaviestOf = (words) => words.reduce((most, word) => Math.max(most, Math.abs(word.weight)), 0);

function wordOf(content, weight, heaviest) {
  const part = Math.abs(weight) / heaviest;
  if (!(part >= PLAIN)) return content;
  const way = weight > 0 ? "for" : "against";
  return make("mark", { data: { way, strength: Math.ceil(part * 4), weight } }, content);
}
