// The pilot in the visitor's browser: predict.py once more, for the demo.
import { unpack } from "./packed.js";

/** The pilot; `read(name)` gives the bytes of a file that demo.py made. */
export async function load(read) {
  const { sizes, scale, engines, numbers, farthest, policy, value } = unpack(await read("model.bin"));
  const layers = [...sizes];
  const judging = [...sizes.slice(0, -1), 1];

  function predict({ observation }) {
    const right = Array.isArray(observation) && observation.length === numbers
      && observation.every((each) => Number.isFinite(each) && Math.abs(each) <= farthest);
    if (!right) throw new Error(`An observation is ${numbers} numbers.`);
    const raised = exponentials(forward(policy, layers, observation));
    const sum = raised.reduce((total, each) => total + each, 0);
    const odds = raised.map((each) => each / sum);
    const action = odds.indexOf(Math.max(...odds));
    return {
      action,
      engine: engines[action],
      odds: Object.fromEntries(engines.map((engine, place) => [engine, odds[place]])),
      expects: forward(value, judging, observation)[0] / scale,
    };
  }

  return { get: {}, post: { "/predict": predict } };
}

/** Linear maps with tanh between them; `weights` holds every map's matrix, then its bias. */
function forward(weights, sizes, inputs) {
  let found = inputs;
  let start = 0;
  for (let layer = 0; layer + 1 < sizes.length; layer += 1) {
    const [width, out] = [sizes[layer], sizes[layer + 1]];
    const next = new Array(out);
    for (let unit = 0; unit < out; unit += 1) {
      let sum = weights[start + width * out + unit];
      for (let place = 0; place < width; place += 1) sum += found[place] * weights[start + place * out + unit];
      next[unit] = layer + 2 < sizes.length ? Math.tanh(sum) : sum;
    }
    found = next;
    start += (width + 1) * out;
  }
  return found;
}

function exponentials(logits) {
  const most = Math.max(...logits);
  return logits.map((each) => Math.exp(each - most));
}
