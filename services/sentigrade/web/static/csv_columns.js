// Which columns a CSV file has, and which of them is likely to hold the texts.

import { CsvReader } from "./csv_reader.js";

const FIRST_BYTES = 256 * 1024;
const LIKELY = /^(my_?text|texts?|reviews?|review_?text|sentences?|phrases?|comments?|body|content|messages?)$/i;

// Returns the header and the first rows of a File.
export async function firstRows(file) {
  const reader = new CsvReader();
  const rows = reader.push(await file.slice(0, FIRST_BYTES).text()); // text() drops a byte order mark
  return file.size <= FIRST_BYTES ? rows.concat(reader.end()) : rows;
}

// Returns what keeps these rows from being sent, or nothing.
export function faultIn([header]) {
  if (!header) return "There is no row in this file; choose a CSV file with a header.";
  if (header.length > 1) return "";
  const mark = [[";", "semicolons"], ["\t", "tabs"]].find(([separator]) => header[0].includes(separator));
  return mark ? `The columns seem to be parted by ${mark[1]}; save the file with commas between them.` : "";
}

// Returns the place of the column with a likely name, or else with the longest texts.
export function likelyColumn([header, ...rows]) {
  const named = header.findIndex((name) => LIKELY.test(name.trim()));
  if (named >= 0) return named;
  const lengths = header.map((_, place) => rows.reduce((sum, row) => sum + (row[place] ?? "").length, 0));
  return lengths.indexOf(Math.max(...lengths));
}
