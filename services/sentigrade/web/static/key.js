// The API key, where the service asks for one. It is kept in the memory of this page and nowhere else.

import { byId } from "./dom.js";

const HEADER = "X-API-Key";
const WRONG = "This is not a key of this service, or no longer one.";
// What stands for the key in a call to copy; `sentigrade predict` reads it from there, too.
export const KEY_VARIABLE = "$MY_SENTIGRADE_KEY";

let key = "";

export const hasKey = () => key !== "";
// Not in Authorization: a browser says there who its reader is to a proxy that asks for that.
export const keyHeaders = () => (hasKey() ? { [HEADER]: key } : {});
export const isAskedFor = () => !byId("key-section").hidden;

// Call it once; `goOn` is called with each new key.
export function startKey(goOn) {
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    key = byId("key").value.trim();
    byId("key-problem").textContent = "";
    goOn();
  });
}

// Called when the service has refused a call with these headers: asks for a key, or for another one.
export function askForKey(headers) {
  if (headers[HEADER] !== keyHeaders()[HEADER]) return; // a newer key is being tried
  byId("key-problem").textContent = hasKey() ? WRONG : "";
  key = "";
  byId("key-section").hidden = false;
  byId("key").focus();
}

// Called when the service has answered: a key that it takes need not be asked for.
export function keyIsFine() {
  if (!hasKey() || !isAskedFor()) return;
  const isThere = byId("key-section").contains(document.activeElement);
  byId("key-section").hidden = true;
  if (isThere) byId("text").focus();
}
