// Calls to the service, and what goes wrong with them as one kind of error.

import { askForKey, keyHeaders, keyIsFine } from "./key.js";

export class Problem extends Error {
  constructor(detail, { status = 0, pointer = null } = {}) {
    super(detail);
    this.status = status;
    this.pointer = pointer;
  }
}

// Where the service lives is where the page came from.
export const address = (path) => new URL(path, document.baseURI).href;

// Returns the response; throws a Problem, or what `signal` was aborted with.
export async function request(path, options = {}) {
  const key = keyHeaders();
  let response;
  try {
    response = await fetch(address(path), { ...options, headers: { ...options.headers, ...key } });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem("The service did not answer. Nothing is lost: try again when it is reachable.");
  }
  if (response.status === 401) {
    askForKey(key);
    throw new Problem("", { status: 401 }); // said where the key is typed
  }
  if (!response.ok) throw await problemOf(response);
  keyIsFine();
  return response;
}

// The body of a request, spaced as people write it.
export function bodyOf(question) {
  const fields = Object.entries(question).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{${fields.join(", ")}}`;
}

export async function predict(question, signal) {
  const headers = { "Content-Type": "application/json" };
  const response = await request("v1/predict", { method: "POST", headers, body: bodyOf(question), signal });
  return response.json();
}

async function problemOf(response) {
  const { status } = response;
  const told = await response.json().catch(() => ({}));
  const detail = told.detail || told.title || `The service answered ${status}.`;
  const wait = Number(response.headers.get("Retry-After"));
  const advice = wait > 0 && !/try again/i.test(detail) ? ` Try again in ${wait} s.` : "";
  return new Problem(detail + advice, { status, pointer: told.pointer });
}
