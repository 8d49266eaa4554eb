// Which models are served: a choice where there are several, and what is known of the one that answered.

import { byId, make } from "./dom.js";
import { hasKey } from "./key.js";
import { address, request } from "./service.js";

let states = [];

// Fills the choice; a page whose models cannot be listed asks the default one.
export async function loadModels() {
  try {
    states = (await (await request("v1/models")).json()).models;
  } catch {
    return;
  }
  const options = states.map(({ model, version }) => {
    const served = version !== undefined;
    return make("option", { value: model, disabled: !served }, served ? `${model}, version ${version}` : `${model}, not served`);
  });
  const choice = byId("model");
  const chosen = choice.value;
  choice.replaceChildren(...options);
  if (states.some(({ model }) => model === chosen)) choice.value = chosen;
  byId("model-choice").hidden = states.length < 2;
}

// What a request must say to ask the chosen model: nothing for the default one.
export function chosenModel() {
  const { selectedIndex, value } = byId("model");
  return selectedIndex > 0 ? { model: value } : {};
}

export function drawSource({ model, version }, milliseconds, remark) {
  const state = states.find((known) => known.model === model);
  const link = make("a", { href: address(`v1/models/${encodeURIComponent(model)}`) }, "card and metrics");
  const family = state?.family ? ` (${state.family})` : "";
  const parts = [`Answered in ${milliseconds}\u00a0ms by ${model}, version ${version}${family}`];
  parts.push(...(hasKey() ? ["."] : [": ", link, "."])); // a link cannot carry a key
  if (remark) parts.push(` ${remark}`);
  if (state?.notice) parts.push(` ${sentence(state.notice)}`);
  byId("source").replaceChildren(...parts);
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
