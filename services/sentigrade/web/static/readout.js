// The weight of the word that the mouse or the arrow keys are on.

import { byId } from "./dom.js";
import { weight } from "./numbers.js";

let current = null;

// Call it once. The passage is one stop of the Tab key; arrow keys go from word to word in it.
export function followWords(passage) {
  passage.addEventListener("pointerover", (event) => show(event.target.closest("mark")));
  passage.addEventListener("pointerleave", () => show(null));
  passage.addEventListener("blur", () => show(null));
  passage.addEventListener("keydown", (event) => move(passage, event));
}

export function show(word) {
  current?.classList.remove("current");
  current = word;
  current?.classList.add("current");
  byId("readout").textContent = word ? sentenceOn(word) : "";
}

function sentenceOn(word) {
  const label = word.closest("[data-label]").dataset.label;
  const way = word.dataset.way === "for" ? "speaks for" : "speaks against";
  return `\u201c${word.textContent}\u201d ${weight(Number(word.dataset.weight))}, ${way} ${label}`;
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

// Left and right are where the eye sees them: in a text that runs to the left, the next word is on the left.
const stepOf = (key, word) => (/Left|Right/.test(key) && word?.matches(":dir(rtl)") ? -STEPS[key] : STEPS[key]);

function move(passage, event) {
  if (event.key === "Escape") return show(null);
  const words = [...passage.querySelectorAll("mark")];
  const next = { Home: words[0], End: words.at(-1) }[event.key] ?? stepFrom(words, stepOf(event.key, current ?? words[0]));
  if (!next || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  event.preventDefault();
  next.scrollIntoView({ block: "nearest" });
  return show(next);
}

function stepFrom(words, step) {
  if (!step) return undefined;
  const place = words.indexOf(current);
  return place < 0 ? words.at(step > 0 ? 0 : -1) : words[place + step] ?? words[place];
}
