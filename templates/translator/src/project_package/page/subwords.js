// Words in pieces, as subwords.py has them.
import { split } from "./python.js";

const WORD = /▁?[\p{L}\p{N}_]+|▁?[^\p{L}\p{N}_▁]|▁/gu;

export function makeSubwords({ special, letters, merges }) {
  const pieces = [...special, ...letters, ...merges.map((pair) => pair.replace(" ", ""))];
  const numbers = new Map(pieces.map((piece, number) => [piece, number]));
  const ranks = new Map(merges.map((pair, rank) => [pair, rank]));
  const unknown = special.indexOf("<unknown>");
  const tidy = (text) => split(text.normalize("NFC")).join(" ");

  function encodeWord(word) {
    let symbols = [...word];
    for (;;) {
      let best = Infinity;
      for (let i = 1; i < symbols.length; i += 1) best = Math.min(best, ranks.get(`${symbols[i - 1]} ${symbols[i]}`) ?? Infinity);
      if (best === Infinity) return symbols.map((symbol) => numbers.get(symbol) ?? unknown);
      const joined = [];
      for (const symbol of symbols) {
        if (joined.length && ranks.get(`${joined.at(-1)} ${symbol}`) === best) joined.push(joined.pop() + symbol);
        else joined.push(symbol);
      }
      symbols = joined;
    }
  }

  return {
    pieces,
    tidy,
    encode: (text) => `▁${tidy(text).replaceAll("▁", "_").replaceAll(" ", "▁")}`.match(WORD).flatMap(encodeWord),
    decode: (said) => said.filter((number) => number >= special.length).map((number) => pieces[number])
      .join("").replaceAll("▁", " ").trim(),
  };
}
