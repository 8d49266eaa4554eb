// Counts of what an answered CSV file says, row by row.

export class Tally {
  rows = 0;
  labels = new Map();
  errors = new Map();
  last = null; // {model, version} of the last row that names them
  #places = null;

  // `width` is the number of columns that were sent: the added ones come after them.
  constructor(width) {
    this.width = width;
  }

  add(row) {
    if (this.#places === null) {
      this.#places = placesIn(row, this.width);
      return;
    }
    this.rows += 1;
    const { label, error, model, version } = this.#places;
    if (row[error]) increase(this.errors, row[error]);
    else increase(this.labels, row[label]);
    if (row[model]) this.last = { model: row[model], version: Number(row[version]) };
  }
}

function placesIn(header, width) {
  const placeOf = (...names) =>
    header.findIndex((name, place) => place >= width && names.includes(name.replace(/^(answer_)+/, "")));
  return {
    label: placeOf("label", "labels"),
    error: placeOf("error_code"),
    model: placeOf("model"),
    version: placeOf("version"),
  };
}

const increase = (counts, key = "") => counts.set(key, (counts.get(key) ?? 0) + 1);
