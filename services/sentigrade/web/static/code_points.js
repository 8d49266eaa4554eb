// The service counts Unicode code points, JavaScript counts UTF-16 units: an emoji is one of those and two of these.

// Returns a function that gives the UTF-16 index of a code point offset in `text`.
export function indexOfOffset(text) {
  if (!/[\ud800-\udbff]/.test(text)) return (offset) => Math.min(offset, text.length);
  const indexes = [];
  let index = 0;
  for (const character of text) {
    indexes.push(index);
    index += character.length;
  }
  indexes.push(text.length);
  return (offset) => indexes[Math.min(offset, indexes.length - 1)];
}

export function codePointLength(text) {
  const pairs = text.match(/[\ud800-\udbff][\udc00-\udfff]/g);
  return text.length - (pairs ? pairs.length : 0);
}
