// The transformer, as predict.py has it: reads a source once, then writes texts side by side, piece by piece.

/** A number of half precision from its 16 bits. */
function half(bits) {
  const sign = bits >> 15 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export function makeWriter(model) {
  const { width, heads } = model;
  const size = width / heads;
  const weights = {};
  for (const [name, bits] of Object.entries(model)) {
    if (bits instanceof Uint16Array) weights[name] = Float64Array.from(bits, half);
  }
  const layers = Object.keys(weights).filter((name) => name.endsWith("own_norm.weight")).length / 2;

  function placed(piece, place) {
    const vector = new Float64Array(width);
    for (let i = 0; i < width; i += 1) {
      const wave = Math.exp(2 * (i % (width / 2)) * (-Math.log(model.waves) / width));
      const pattern = i < width / 2 ? Math.sin(place * wave) : Math.cos(place * wave);
      vector[i] = weights.pieces[piece * width + i] * Math.sqrt(width) + pattern;
    }
    return vector;
  }

  function norm(row, name) {
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const spread = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    const scale = Math.sqrt(spread + model.tiny), gain = weights[`${name}.weight`], bias = weights[`${name}.bias`];
    return row.map((value, i) => ((value - mean) / scale) * gain[i] + bias[i]);
  }

  function multiply(row, matrix, bias) {
    const out = new Float64Array(bias.length);
    for (let o = 0, at = 0; o < out.length; o += 1) {
      let sum = 0;
      for (let i = 0; i < row.length; i += 1, at += 1) sum += matrix[at] * row[i];
      out[o] = sum + bias[o];
    }
    return out;
  }

  const linear = (row, name) => multiply(row, weights[`${name}.weight`], weights[`${name}.bias`]);
  const add = (one, other) => one.map((value, i) => value + other[i]);

  function think(row, name) {
    const thought = linear(norm(row, `${name}.think_norm`), `${name}.first`).map((value) => Math.max(0, value));
    return add(row, linear(thought, `${name}.second`));
  }

  /** What is found, and where: the mean over heads. */
  function attend(asks, keys, values) {
    const found = new Float64Array(width), where = new Float64Array(keys.length);
    for (let head = 0; head < heads; head += 1) {
      const first = head * size, last = first + size;
      const logs = logSoftmax(Float64Array.from(keys, (key) => {
        let sum = 0;
        for (let i = first; i < last; i += 1) sum += asks[i] * key[i];
        return sum / Math.sqrt(size);
      }));
      logs.forEach((log, place) => {
        const share = Math.exp(log);
        where[place] += share / heads;
        for (let i = first; i < last; i += 1) found[i] += share * values[place][i];
      });
    }
    return { found, where };
  }

  function logSoftmax(scores) {
    let most = -Infinity, sum = 0;
    for (const score of scores) if (score > most) most = score;
    for (const score of scores) sum += Math.exp(score - most);
    const log = Math.log(sum);
    return scores.map((score) => score - most - log);
  }

  function remember(row, name) {
    return { key: linear(row, `${name}.keys`), value: linear(row, `${name}.values`) };
  }

  return function write(source) {
    let state = source.map(placed);
    for (let n = 0; n < layers; n += 1) {
      const name = `readers.${n}`, own = state.map((row) => norm(row, `${name}.own_norm`));
      const known = own.map((row) => remember(row, `${name}.own`));
      const keys = known.map(({ key }) => key), values = known.map(({ value }) => value);
      state = state.map((row, i) => {
        const { found } = attend(linear(own[i], `${name}.own.asks`), keys, values);
        return think(add(row, linear(found, `${name}.own.gives`)), name);
      });
    }
    const read = state.map((row) => norm(row, "read_norm"));
    const memory = Array.from({ length: layers }, (_, n) => {
      const known = read.map((row) => remember(row, `writers.${n}.other`));
      return { keys: known.map(({ key }) => key), values: known.map(({ value }) => value) };
    });
    let past = [Array.from({ length: layers }, () => ({ keys: [], values: [] }))];
    let place = -1;

    /** Continue each text by a piece: log probabilities of the next one, and where was looked. */
    return function advance(parents, pieces) {
      place += 1;
      past = parents.map((parent) => past[parent].map(({ keys, values }) => ({ keys: [...keys], values: [...values] })));
      const told = pieces.map((piece, text) => {
        let row = placed(piece, place), where;
        for (let n = 0; n < layers; n += 1) {
          const name = `writers.${n}`, own = norm(row, `${name}.own_norm`), { keys, values } = past[text][n];
          const { key, value } = remember(own, `${name}.own`);
          keys.push(key);
          values.push(value);
          row = add(row, linear(attend(linear(own, `${name}.own.asks`), keys, values).found, `${name}.own.gives`));
          const asks = linear(norm(row, `${name}.other_norm`), `${name}.other.asks`);
          const looked = attend(asks, memory[n].keys, memory[n].values);
          where = looked.where;
          row = think(add(row, linear(looked.found, `${name}.other.gives`)), name);
        }
        const logits = multiply(norm(row, "write_norm"), weights.pieces, weights.bias);
        for (const never of model.never) logits[never] = -Infinity;
        return { logs: logSoftmax(logits), where };
      });
      return { logs: told.map(({ logs }) => logs), looked: told.map(({ where }) => where) };
    };
  };
}
