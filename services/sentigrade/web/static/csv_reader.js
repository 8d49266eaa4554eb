// CSV as RFC 4180 has it, read piece by piece: a piece may end anywhere, even inside quotes.

const QUOTE = 34;
const COMMA = 44;
const RETURN = 13;
const NEWLINE = 10;

export class CsvReader {
  #row = [];
  #field = "";
  #quoted = false; // inside quotes
  #afterQuote = false; // a quote inside quotes: the end of the field, or the first of two
  #afterReturn = false; // a newline now belongs to the return before it
  #begun = false; // the row has something in it, if only a comma or an empty pair of quotes

  // Returns the rows that `text` completes.
  push(text) {
    const rows = [];
    let index = 0;
    while (index < text.length) {
      index = this.#quoted ? this.#inside(text, index) : this.#outside(text, index, rows);
    }
    return rows;
  }

  // Returns the last row, when no newline has ended it.
  end() {
    const rows = [];
    this.#finishRow(rows);
    return rows;
  }

  #inside(text, index) {
    if (this.#afterQuote) {
      this.#afterQuote = false;
      if (text.charCodeAt(index) !== QUOTE) {
        this.#quoted = false;
        return index;
      }
      this.#field += '"';
      return index + 1;
    }
    const quote = text.indexOf('"', index);
    this.#field += text.slice(index, quote < 0 ? text.length : quote);
    this.#afterQuote = quote >= 0;
    return quote < 0 ? text.length : quote + 1;
  }

  #outside(text, index, rows) {
    const character = text.charCodeAt(index);
    const wasReturn = this.#afterReturn;
    this.#afterReturn = character === RETURN;
    if (character === NEWLINE || character === RETURN) {
      if (character === RETURN || !wasReturn) this.#finishRow(rows);
      return index + 1;
    }
    this.#begun = true;
    if (character === COMMA) {
      this.#finishField();
      return index + 1;
    }
    if (character === QUOTE && this.#field === "") {
      this.#quoted = true;
      return index + 1;
    }
    return this.#plain(text, index);
  }

  #plain(text, index) {
    let end = index + 1;
    while (end < text.length && !isSpecial(text.charCodeAt(end))) end += 1;
    this.#field += text.slice(index, end);
    return end;
  }

  #finishField() {
    this.#row.push(this.#field);
    this.#field = "";
  }

  #finishRow(rows) {
    if (!this.#begun) return; // an empty line is no row
    this.#finishField();
    rows.push(this.#row);
    this.#row = [];
    this.#begun = this.#quoted = this.#afterQuote = false;
  }
}

const isSpecial = (character) => character === COMMA || character === NEWLINE || character === RETURN;
