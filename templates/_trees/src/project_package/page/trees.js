// Gradient boosting as kit/trees.py packs it.
import { unpack } from "./packed.js";

const LEAF = 255; // in place of a column

/** A function that gives the prediction for one row, an array of numbers. */
export function boosting(buffer) {
  const { start, sizes, columns, rights, cut, cuts, leaves } = unpack(buffer);
  let leaf = 0, inner = 0;
  const number = Int32Array.from(columns, (column) => (column === LEAF ? leaf++ : inner++)); // of its kind
  return (row) => {
    let sum = start, root = 0;
    for (const size of sizes) {
      let at = root;
      while (columns[at] !== LEAF) at = row[columns[at]] <= cuts[cut[number[at]]] ? at + 1 : root + rights[number[at]];
      sum += leaves[number[at]];
      root += size;
    }
    return sum;
  };
}
