// Hashed terms of a text and their weights, as scikit-learn makes them.
import { split } from "./python.js";

const WORD = /[\p{L}\p{N}_]{2,}/gu; // Python's \b\w\w+\b

/** Without accents, as strip_accents="unicode"; what combines moves past another such mark. */
export function stripAccents(text) {
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  const moves = (pair) => pair.normalize("NFD") !== pair;
  const combines = (mark) => moves(`\u0345${mark}`) || moves(`${mark}\u0334`);
  return text.normalize("NFKD").replace(/\p{M}/gu, (mark) => (combines(mark) ? "" : mark));
}

/** Every word of at least two letters, and every run of up to `longest` words. */
export function wordRuns(text, longest) {
  const words = text.match(WORD) ?? [];
  const runs = [...words];
  for (let length = 2; length <= longest; length += 1) {
    for (let start = 0; start + length <= words.length; start += 1) runs.push(words.slice(start, start + length).join(" "));
  }
  return runs;
}

/** Every run of `shortest` to `longest` characters within words, as analyzer="char_wb". */
export function characterRuns(text, shortest, longest) {
  const runs = [];
  for (const bare of split(text)) {
    const word = ` ${bare} `;
    const letters = /[\ud800-\udfff]/.test(word) ? Array.from(word) : null; // a character of two halves is one
    const { length } = letters ?? word;
    for (let size = shortest; size <= longest; size += 1) {
      for (let start = 0; start === 0 || start + size <= length; start += 1) {
        runs.push(letters ? letters.slice(start, start + size).join("") : word.slice(start, start + size));
      }
      if (size >= length) break; // a short word is counted once
    }
  }
  return runs;
}

const bytes = new Uint8Array(1 << 16);
const encoder = new TextEncoder();

/** The column of a term among `columns`: MurmurHash3 of its UTF-8, signed, as FeatureHasher has it. */
export function bucket(term, columns) {
  const held = term.length * 3 <= bytes.length ? bytes : new Uint8Array(term.length * 3);
  const { written } = encoder.encodeInto(term, held);
  let hash = 0;
  const mix = (block) => {
    const turned = Math.imul(block, 0xcc9e2d51);
    return Math.imul((turned << 15) | (turned >>> 17), 0x1b873593);
  };
  const whole = written & ~3;
  for (let at = 0; at < whole; at += 4) {
    hash ^= mix(held[at] | (held[at + 1] << 8) | (held[at + 2] << 16) | (held[at + 3] << 24));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = written - 1; at >= whole; at -= 1) rest = (rest << 8) | held[at];
  if (written > whole) hash ^= mix(rest);
  hash ^= written;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return Math.abs(hash) % columns;
}

/** How often each column occurs. */
export function count(terms, columns, into = new Map(), offset = 0) {
  for (const term of terms) {
    const place = bucket(term, columns) + offset;
    into.set(place, (into.get(place) ?? 0) + 1);
  }
  return into;
}

/** For each column its place among those that training saw, from the steps between them; or −1. */
export function places(steps, columns) {
  const found = new Int32Array(columns).fill(-1);
  let column = -1;
  steps.forEach((step, place) => {
    column += step;
    found[column] = place;
  });
  return found;
}

/** TF-IDF of counts, sublinear and of length one; `idf` gives the weight of a column. */
export function weigh(counts, idf) {
  const weighed = new Map();
  let square = 0;
  for (const [column, times] of counts) {
    const value = (1 + Math.log(times)) * idf(column);
    weighed.set(column, value);
    square += value * value;
  }
  const length = Math.sqrt(square) || 1;
  for (const [column, value] of weighed) weighed.set(column, value / length);
  return weighed;
}
