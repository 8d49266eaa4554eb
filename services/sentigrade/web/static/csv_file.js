// A CSV file goes to the service as it is, and its answer is counted while it comes back.

import { faultIn, firstRows, likelyColumn } from "./csv_columns.js";
import { CsvReader } from "./csv_reader.js";
import { copyWith, curlOfFile } from "./curl.js";
import { breathe, byId, make } from "./dom.js";
import { takeDrops } from "./drop.js";
import { drawBars } from "./gauge.js";
import { labelSetOf } from "./labels.js";
import { chosenModel } from "./models.js";
import { bytes, count as spelled, plural } from "./numbers.js";
import { Problem, request } from "./service.js";
import { Tally } from "./tally.js";

const MILLISECONDS_BETWEEN_BREATHS = 40;

let file = null;
let columns = 0;
let running = null;

export function startFiles() {
  takeDrops(byId("drop"), choose);
  copyWith(byId("file-copy"), byId("file-curl"));
  byId("file").addEventListener("change", () => choose(byId("file").files[0]));
  byId("column").addEventListener("change", showCall);
  byId("model").addEventListener("change", showCall);
  byId("stop").addEventListener("click", () => running?.abort());
  byId("file-form").addEventListener("submit", (event) => {
    event.preventDefault();
    grade();
  });
}

async function choose(chosen) {
  if (!chosen) return;
  running?.abort();
  clear();
  file = chosen;
  const rows = await firstRows(file).catch(() => []);
  const fault = faultIn(rows);
  byId("file-problem").textContent = fault;
  byId("file-choices").hidden = byId("file-call").hidden = Boolean(fault);
  if (fault) return;
  columns = rows[0].length;
  byId("column").replaceChildren(...rows[0].map((name) => make("option", { value: name }, name || "(without a name)")));
  byId("column").selectedIndex = likelyColumn(rows);
  byId("file-name").textContent = `${file.name}, ${bytes(file.size)}`;
  showCall();
}

function clear() {
  for (const id of ["progress", "file-problem", "errors"]) byId(id).textContent = "";
  URL.revokeObjectURL(byId("download").href);
  byId("file-answer").hidden = true;
}

const pathOf = () => `v1/predict?${new URLSearchParams({ column: byId("column").value, ...chosenModel() })}`;
const resultName = () => `${file.name.replace(/\.csv$/i, "")}-scored.csv`;

function showCall() {
  if (!byId("file-choices").hidden) byId("file-curl").textContent = curlOfFile(pathOf(), file.name, resultName());
}

async function grade() {
  if (byId("file-choices").hidden) return byId("file").click();
  running?.abort();
  const mine = (running = new AbortController());
  clear();
  byId("stop").hidden = false;
  byId("progress").textContent = "Sending the file\u2026";
  try {
    await receive(mine.signal);
  } catch (error) {
    if (running === mine) tell(mine.signal.aborted ? "Stopped." : "", mine.signal.aborted ? "" : error.message);
  } finally {
    if (running === mine) byId("stop").hidden = true;
  }
}

function tell(progress, problem) {
  byId("progress").textContent = progress;
  byId("file-problem").textContent = problem;
}

async function receive(signal) {
  const options = { method: "POST", headers: { "Content-Type": "text/csv" }, body: file, signal };
  const response = await request(pathOf(), options);
  const tally = new Tally(columns);
  const parts = await count(response.body, tally, signal);
  const labelSet = tally.last ? await labelSetOf(answerLike(tally)) : { kind: "nominal", items: [] };
  if (signal.aborted) return;
  offer(new Blob(parts, { type: "text/csv" }));
  draw(tally, labelSet);
}

// Reads an answer to its end, counts its rows and returns its pieces.
export async function count(body, tally, signal) {
  const [reader, csv, decoder, parts] = [body.getReader(), new CsvReader(), new TextDecoder(), []];
  let breath = performance.now();
  for (;;) {
    const { done, value } = await reader.read().catch((error) => brokenOff(error, tally, signal));
    const rows = done ? csv.end() : csv.push(decoder.decode(value, { stream: true }));
    for (const row of rows) tally.add(row);
    if (done) return parts;
    parts.push(value);
    if (performance.now() - breath > MILLISECONDS_BETWEEN_BREATHS) {
      byId("progress").textContent = `${plural(tally.rows, "row")} graded\u2026`;
      await breathe();
      breath = performance.now();
    }
  }
}

function brokenOff(error, tally, signal) {
  throw signal.aborted ? error : new Problem(`The answer broke off after ${plural(tally.rows, "row")}; try again.`);
}

// As much of an answer as finding its label set takes.
function answerLike({ last, labels }) {
  return { ...last, probabilities: Object.fromEntries(labels) };
}

function offer(blob) {
  const link = byId("download");
  link.href = URL.createObjectURL(blob);
  link.download = resultName();
  link.textContent = `Download ${link.download}`;
}

function draw(tally, labelSet) {
  const failed = [...tally.errors.values()].reduce((sum, number) => sum + number, 0);
  const most = Math.max(1, ...tally.labels.values());
  const items = labelSet.items.map(({ name, polarity }) => {
    const rows = tally.labels.get(name) ?? 0;
    return { name, polarity, share: rows / most, text: spelled(rows), chosen: rows === most };
  });
  byId("file-answer").hidden = false;
  drawBars(byId("chart"), labelSet.kind, items);
  byId("progress").textContent = `${plural(tally.rows - failed, "row")} graded${failed ? `, ${spelled(failed)} not` : ""}.`;
  byId("errors").textContent = [...tally.errors].map(([code, rows]) => `${plural(rows, "row")}: ${code}`).join(" \u00b7 ");
}
