// Bars: levels as columns above a scale, labels without order as rows.

import { make } from "./dom.js";
import { takeSide } from "./labels.js";

const MOST_COLUMNS = 7;
const MOST_ROWS = 12;

// Draws a bar for each item: {name, polarity, share (0..1), text, chosen, threshold}. `polarity` sets the marker.
export function drawBars(figure, kind, items, polarity) {
  const columns = kind === "ordinal" && items.length <= MOST_COLUMNS;
  const shown = kind === "ordinal" ? items : mostProbable(items);
  const list = listOf(figure, columns, shown);
  shown.forEach((item, index) => fill(list.children[index], item));
  drawMarker(figure, columns && polarity !== undefined ? placeOf(items, polarity) : null);
}

function mostProbable(items) {
  const sorted = [...items].sort((one, other) => other.share - one.share);
  return items.length <= MOST_ROWS ? sorted : sorted.filter((item, rank) => rank < MOST_ROWS || item.chosen);
}

// The list that is there, when it has the same labels, so that its bars move from value to value.
function listOf(figure, columns, items) {
  const names = JSON.stringify([columns, items.map((item) => item.name)]);
  if (figure.dataset.names !== names) {
    figure.dataset.names = names;
    figure.replaceChildren(make("ol", { className: columns ? "bars columns" : "bars rows" }, ...items.map(barOf)));
  }
  return figure.firstElementChild;
}

function barOf(item) {
  const track = make("span", { className: "track" }, make("span", { className: "fill" }));
  const bar = make("span", { className: "bar" }, make("span", { className: "share" }), track);
  const row = make("li", {}, make("span", { className: "name" }, item.name), " ", bar);
  takeSide(row, item.polarity);
  return row;
}

function fill(row, { share, text, chosen, threshold }) {
  row.classList.toggle("chosen", Boolean(chosen));
  row.querySelector(".share").textContent = text;
  row.style.setProperty("--share", share);
  row.querySelector(".threshold")?.remove();
  if (typeof threshold === "number") {
    const mark = make("span", { className: "threshold", title: `applies from ${threshold} on` });
    mark.style.setProperty("--at", threshold);
    row.querySelector(".track").append(mark);
  }
}

// Where a polarity lies between the middles of the columns, from 0 to 1 of the whole width.
function placeOf(items, polarity) {
  const last = items.length - 1;
  let level = items.findIndex((item) => item.polarity >= polarity);
  if (level < 0) level = last;
  if (level > 0) {
    const [low, high] = [items[level - 1].polarity, items[level].polarity];
    level += Math.min(1, (polarity - low) / (high - low)) - 1;
  }
  return (level + 0.5) / items.length;
}

function drawMarker(figure, place) {
  let scale = figure.querySelector(".scale");
  if (place === null) return scale?.remove();
  if (!scale) {
    scale = make("div", { className: "scale" }, make("span", { className: "marker" }));
    scale.setAttribute("aria-hidden", "true");
    figure.append(scale);
  }
  return scale.firstElementChild.style.setProperty("--at", place);
}
