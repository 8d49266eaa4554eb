// The call that a shell can repeat.

import { byId } from "./dom.js";
import { hasKey, KEY_VARIABLE } from "./key.js";
import { address, bodyOf } from "./service.js";

// One word of a POSIX shell, whatever is in it.
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

const plain = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text));

// In quotes in which a shell puts the key itself.
const keyOption = () => (hasKey() ? `  -H "Authorization: Bearer ${KEY_VARIABLE}" \\\n` : "");

const callOf = (path, contentType) =>
  `curl ${plain(address(path))} \\\n  -H 'Content-Type: ${contentType}' \\\n${keyOption()}`;

export function curlOf(question) {
  return `${callOf("v1/predict", "application/json")}  -d ${quoted(bodyOf(question))}`;
}

export function curlOfFile(path, fileName, resultName) {
  return `${callOf(path, "text/csv")}  --data-binary ${plain(`@${fileName}`)} \\\n  -o ${plain(resultName)}`;
}

// Lets `button` copy what stands in `source`; where the browser does not allow it, the text is selected.
export function copyWith(button, source) {
  const name = button.textContent;
  button.addEventListener("click", async () => {
    const copied = await copy(source);
    button.textContent = copied ? "Copied" : "Selected";
    setTimeout(() => (button.textContent = name), 2000);
  });
}

async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(source);
    source.focus();
    return false;
  }
}

export function showCall(question, answer) {
  byId("curl").textContent = curlOf(question);
  const json = byId("json-text");
  if (json) json.textContent = JSON.stringify(answer, null, 2);
  if (byId("json")) byId("json").open = false;
}
