// Numbers as people read them.

const whole = new Intl.NumberFormat("en");
const oneDigit = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const signed = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" });

const exact = new Intl.NumberFormat("en", { minimumFractionDigits: 6, signDisplay: "exceptZero" });

const withMinus = (text) => text.replace("-", "\u2212");

export const count = (number) => whole.format(number);

// 92.3 %; what is not nothing and not everything never looks like it.
export function percent(share) {
  const text = oneDigit.format(share * 100);
  if (text === "0.0" && share > 0) return "<0.1\u00a0%";
  if (text === "100.0" && share < 1) return ">99.9\u00a0%";
  return `${text}\u00a0%`;
}

export const weight = (number) => withMinus(signed.format(number));

// To the last digit that the service gives, so that sums come out.
export const exactWeight = (number) => withMinus(exact.format(number));

export function bytes(number) {
  if (number < 1000) return `${number} bytes`;
  if (number < 1e6) return `${oneDigit.format(number / 1e3)} kB`;
  return `${oneDigit.format(number / 1e6)} MB`;
}

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
