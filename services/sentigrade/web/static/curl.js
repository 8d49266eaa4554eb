// The call that a shell can repeat.

import { byId } from "./dom.js";
import { address, bodyOf } from "./service.js";

// One word of a POSIX shell, whatever is in it.
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

const plain = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text));

export function curlOf(question) {
  const body = quoted(bodyOf(question));
  return `curl ${plain(address("v1/predict"))} \\\n  -H 'Content-Type: application/json' \\\n  -d ${body}`;
}

export function curlOfFile(path, fileName, resultName) {
  const call = `curl ${plain(address(path))} \\\n  -H 'Content-Type: text/csv' \\\n`;
  return `${call}  --data-binary ${plain(`@${fileName}`)} \\\n  -o ${plain(resultName)}`;
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
