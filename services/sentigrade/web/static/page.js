// The page to try: a text goes to the service, its answer is drawn.

import { codePointLength } from "./code_points.js";
import { startFiles } from "./csv_file.js";
import { copyWith, showCall } from "./curl.js";
import { byId, make } from "./dom.js";
import { EXAMPLES } from "./examples.js";
import { isAskedFor, startKey } from "./key.js";
import { labelSetOf } from "./labels.js";
import { chosenModel, drawSource, loadModels } from "./models.js";
import { count } from "./numbers.js";
import { drawReading } from "./reading.js";
import { predict } from "./service.js";
import { drawVerdict } from "./verdict.js";

const form = byId("grade");
const box = byId("text");
const REMARKS = {
  explain: "This family of models does not say which words moved its answer.",
  sentences: "This model does not answer sentence by sentence.",
};

const refused = new Map(); // model -> options that it has refused: they are not asked for again
let running = new AbortController();
let graded = null; // the text that the answer below is for

async function grade() {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  byId("problem").textContent = "";
  form.setAttribute("aria-busy", "true");
  try {
    await draw(await ask(box.value, signal), signal);
  } catch (error) {
    if (!signal.aborted) byId("problem").textContent = error.message;
  } finally {
    if (!signal.aborted) form.removeAttribute("aria-busy");
  }
}

// Asks for all that the page can show; what the model cannot do is left out and remarked on.
async function ask(text, signal) {
  const choice = chosenModel();
  const unable = refused.get(choice.model) ?? refused.set(choice.model, new Set()).get(choice.model);
  for (;;) {
    const options = Object.keys(REMARKS).filter((option) => !unable.has(option));
    const question = { mytext: text, ...choice, ...Object.fromEntries(options.map((option) => [option, true])) };
    const start = performance.now();
    try {
      const answer = await predict(question, signal);
      const milliseconds = Math.ceil(performance.now() - start);
      return { question, answer, milliseconds, remark: [...unable].map((option) => REMARKS[option]).join(" ") };
    } catch (error) {
      const option = error.pointer?.slice(1);
      if (error.status !== 422 || !options.includes(option)) throw error;
      unable.add(option);
    }
  }
}

async function draw({ question, answer, remark, milliseconds }, signal) {
  const labelSet = await labelSetOf(answer);
  if (signal.aborted) return;
  graded = question.mytext;
  showState();
  byId("answer").hidden = false;
  drawVerdict(answer, labelSet);
  drawSource(answer, milliseconds, remark);
  drawReading(question.mytext, answer, labelSet);
  showCall(question, answer);
  byId("spoken").textContent = `Answer: ${byId("label").textContent}`;
}

async function start() {
  await loadModels();
  if (box.value && !isAskedFor()) grade();
}

function showState() {
  const most = Number(form.dataset.mostCharacters);
  const length = codePointLength(box.value);
  byId("length").textContent = `${count(length)} of ${count(most)} characters`;
  byId("length").classList.toggle("over", length > most);
  byId("answer-title").textContent = box.value === graded ? "Answer" : "Answer before your changes";
}

function exampleButton([name, text]) {
  const button = make("button", { type: "button" }, name);
  button.addEventListener("click", () => {
    box.value = text;
    showState();
    grade();
  });
  return button;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  grade();
});
box.addEventListener("input", showState);
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    grade();
  }
});
byId("model").addEventListener("change", grade);
byId("examples").append("Try", ...EXAMPLES.map(exampleButton));
copyWith(byId("copy"), byId("curl"));
startFiles();
if (/Mac|iPhone|iPad/.test(navigator.platform)) byId("modifier").textContent = "\u2318";
showState();
startKey(start);
await start();
