// Making and finding elements. Whatever users or services say becomes text, never markup.

export const byId = (id) => document.getElementById(id);

// make("p", { className: "quiet", data: { way: "for" } }, "text", otherElement)
export function make(tag, { data = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

// Lets the browser draw and answer keys before long work goes on.
export const breathe = () => new Promise((resume) => setTimeout(resume));
