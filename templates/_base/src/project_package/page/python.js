// Text as Python's str has it, where JavaScript's has other spaces.

export const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"; // \s of a pattern
const EDGES = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g");
const GAPS = new RegExp(`[${SPACE}]+`);

export const strip = (text) => text.replace(EDGES, "");

/** The pieces between spaces, as str.split(). */
export function split(text) {
  const bare = strip(text);
  return bare ? bare.split(GAPS) : [];
}
