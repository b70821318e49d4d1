// The translator in the browser: what predict.py does to one sentence.
import { unpack } from "./packed.js";
import { makeSubwords } from "./subwords.js";
import { makeWriter } from "./transformer.js";

/** The candidates of a beam search, best first. */
function search(model, advance, end, width, longest) {
  let alive = [{ pieces: [], total: 0, looked: [] }], ended = [];
  let parents = [0], pieces = [1]; // the piece that begins a text
  for (let step = 0; step < longest; step += 1) {
    const { logs, looked } = advance(parents, pieces);
    const best = largest(alive.map(({ total }, row) => [total, logs[row]]), 2 * width);
    const going = [];
    parents = [];
    best.forEach(([total, row, piece], rank) => {
      const before = alive[row];
      const each = { pieces: [...before.pieces, piece], total, looked: [...before.looked, looked[row]] };
      if (piece === end && rank < width) ended.push(each);
      else if (piece !== end && going.length < width) {
        going.push(each);
        parents.push(row);
      }
    });
    alive = going;
    pieces = going.map((each) => each.pieces.at(-1));
    if (ended.length >= width) break;
  }
  const score = ({ total, pieces }) => total / ((model.base + pieces.length) / model.share) ** model.penalty;
  return (ended.length ? ended : alive).sort((one, other) => score(other) - score(one));
}

/** The largest sums as [sum, row, place], falling. */
function largest(rows, many) {
  const best = [];
  rows.forEach(([total, logs], row) => {
    for (let place = 0; place < logs.length; place += 1) {
      const sum = total + logs[place];
      if (best.length === many && !(sum > best[many - 1][0])) continue;
      let at = best.length;
      while (at && best[at - 1][0] < sum) at -= 1;
      best.splice(at, 0, [sum, row, place]);
      if (best.length > many) best.pop();
    }
  });
  return best;
}

export async function load(read) {
  const model = unpack(await read("model.bin"));
  const subwords = makeSubwords(model);
  const write = makeWriter(model);
  const end = model.special.indexOf("<end>"), unknown = model.special.indexOf("<unknown>");
  const probability = ({ total, pieces }) => Math.exp(total / pieces.length);

  function translate(text, beam) {
    const length = [...text].length;
    if (length < 1 || length > model.longest) throw new Error(`A sentence has 1 to ${model.longest} letters.`);
    if (!subwords.tidy(text)) throw new Error("There is nothing to translate in this text.");
    const numbers = [...subwords.encode(text), end];
    if (numbers.length > model.most_pieces) {
      throw new Error(`This text has ${numbers.length} pieces; ${model.most_pieces} can be read: one sentence.`);
    }
    const longest = model.longer * numbers.length + model.at_least;
    const [best, ...rest] = search(model, write(numbers), end, beam, longest);
    return {
      text: subwords.decode(best.pieces),
      probability: probability(best),
      unknown: numbers.filter((number) => number === unknown).length,
      source: numbers.map((number) => subwords.pieces[number]),
      pieces: best.pieces.map((number) => subwords.pieces[number]),
      attention: best.looked.map((row) => [...row]),
      others: rest.map((each) => ({ text: subwords.decode(each.pieces), probability: probability(each) })),
    };
  }

  function predict({ sentences, beam = null }) {
    if (sentences.length < 1 || sentences.length > model.batch) throw new Error(`sentences: 1 to ${model.batch} of them.`);
    if (beam !== null && (beam < 1 || beam > model.widest)) throw new Error(`beam: 1 to ${model.widest}.`);
    return { translations: sentences.map((text) => translate(text, beam ?? model.beam)) };
  }

  return { post: { "/predict": async (body) => predict(body) }, get: {} };
}
