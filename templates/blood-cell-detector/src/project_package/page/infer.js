// The recogniser in the visitor's browser: predict.py once more, for the demo.
import { logMel, loudness, readWave } from "./audio.js";
import { unpack } from "./packed.js";

/** The recogniser; `read(name)` gives the bytes of a file that demo.py made. */
export async function load(read) {
  const about = unpack(await read("model.bin"));
  const { words, strides, widths, kernel, window, bands, frames, temperature, threshold, silence, weight, rate } = about;
  const tracts = Array.from({ length: about.tracts.length / bands ** 2 }, (_, number) => (
    about.tracts.subarray(number * bands ** 2, (number + 1) * bands ** 2)
  ));
  const [plain, ...others] = tracts;
  const none = words.length;

  function predict({ recording, enrolled = {} }) {
    const samples = readWave(recording, rate);
    if (!(samples.length && samples.length <= about.longest * rate)) throw new Error(`Send a recording of at most ${about.longest} seconds.`);
    const seen = logMel(samples, about);
    const descriptor = describe(seen);
    const found = remember(chances(seen, others), descriptor, enrolled);
    const digit = likeliest(found);
    const probability = found[digit];
    const loud = loudness(samples, about);
    const reason = loud < silence ? "silence" : found[none] > probability ? "none of them" : probability < threshold ? "not sure" : "";
    let falls;
    return {
      digit,
      word: words[digit],
      probability,
      sure: !reason,
      threshold,
      reason,
      loudness: loud,
      probabilities: Object.fromEntries([...words, "none of them"].map((word, place) => [word, found[place]])),
      seen: seen.map((row) => [...row]),
      get occlusion() { // takes far longer than all else, so it waits until somebody looks
        falls ??= occlude(seen, digit);
        return falls;
      },
      descriptor: [...descriptor],
    };
  }

  /** The mean over vocal tracts, calibrated. */
  function chances(seen, tried) {
    const each = tried.map((tract) => softmax(logits(describe(warp(seen, tract)))));
    const mean = each[0].map((_, place) => each.reduce((sum, row) => sum + row[place], 0) / each.length);
    return softmax(mean.map((chance) => Math.log(chance) / temperature));
  }

  /** Every band from between two others. */
  function warp(seen, tract) {
    return seen.map((_, band) => {
      const row = new Float64Array(frames);
      for (let from = 0; from < bands; from += 1) {
        const share = tract[band * bands + from];
        if (share) for (let place = 0; place < frames; place += 1) row[place] += share * seen[from][place];
      }
      return row;
    });
  }

  /** The convolutions, and of the last one the largest over time. */
  function describe(seen) {
    let [height, width, channels] = [bands, frames, 1];
    let found = new Float64Array(height * width);
    seen.forEach((row, band) => found.set(row, band * width));
    strides.forEach((stride, layer) => {
      const [high, wide, after] = [Math.ceil(height / stride), Math.ceil(width / stride), widths[layer]];
      const next = new Float64Array(after * high * wide);
      const weights = about[`kernel${layer}`];
      for (let to = 0; to < after; to += 1) {
        next.fill(about[`bias${layer}`][to], to * high * wide, (to + 1) * high * wide);
        for (let from = 0; from < channels; from += 1) {
          for (let tap = 0; tap < kernel * kernel; tap += 1) {
            const by = weights[(to * channels + from) * kernel * kernel + tap];
            const [down, right] = [Math.floor(tap / kernel) - 1, (tap % kernel) - 1];
            for (let row = 0; row < high; row += 1) {
              const y = row * stride + down;
              if (y < 0 || y >= height) continue;
              const source = (from * height + y) * width + right;
              const target = (to * high + row) * wide;
              const first = right < 0 ? 1 : 0;
              const last = (wide - 1) * stride + right < width ? wide : wide - 1;
              for (let column = first; column < last; column += 1) next[target + column] += by * found[source + column * stride];
            }
          }
        }
      }
      for (let place = 0; place < next.length; place += 1) if (next[place] < 0) next[place] = 0;
      [found, height, width, channels] = [next, high, wide, after];
    });
    return Float64Array.from({ length: channels * height }, (_, row) => (
      found.subarray(row * width, (row + 1) * width).reduce((one, other) => Math.max(one, other))
    ));
  }

  function logits(features) {
    return Array.from(about.head_bias, (bias, to) => features.reduce((sum, value, place) => sum + value * about.head[to * features.length + place], bias));
  }

  /** Each digit likelier, the more the recording resembles those enrolled for it. */
  function remember(found, descriptor, enrolled) {
    const likeness = found.map(() => NaN);
    for (const [word, vectors] of Object.entries(enrolled)) {
      if (!words.includes(word) || !vectors.length || vectors.length > about.takes) throw new Error("enrolled: one to five recordings of a word");
      if (vectors.some((vector) => vector.length !== descriptor.length)) throw new Error(`${word} was enrolled with another model: enrol it again`);
      const mean = descriptor.map((_, place) => vectors.reduce((sum, vector) => sum + vector[place], 0) / vectors.length);
      const inner = (one, other) => one.reduce((sum, value, place) => sum + value * other[place], 0);
      const lengths = Math.sqrt(inner(mean, mean)) * Math.sqrt(inner(descriptor, descriptor));
      likeness[words.indexOf(word)] = inner(mean, descriptor) / Math.max(lengths, Number.MIN_VALUE);
    }
    const known = likeness.filter((value) => !Number.isNaN(value));
    if (!known.length) return found;
    const usual = known.reduce((sum, value) => sum + value, 0) / known.length;
    return softmax(found.map((chance, place) => Math.log(chance) + weight * (Number.isNaN(likeness[place]) ? usual : likeness[place])));
  }

  /** By how much a digit's probability falls, part by part of what is seen. */
  function occlude(seen, digit) {
    const [high, wide] = window;
    const whole = chances(seen, [plain])[digit];
    return Array.from({ length: Math.ceil(bands / high) }, (_, row) => Array.from({ length: Math.ceil(frames / wide) }, (__, column) => {
      const covered = seen.map((band, y) => (Math.floor(y / high) === row ? band.map((value, x) => (Math.floor(x / wide) === column ? 0 : value)) : band));
      return whole - chances(covered, [plain])[digit];
    }));
  }

  function likeliest(found) {
    return found.slice(0, none).reduce((best, chance, place) => (chance > found[best] ? place : best), 0);
  }

  return { post: { "/predict": predict }, get: {} };
}

function softmax(scores) {
  const largest = Math.max(...scores);
  const raised = scores.map((score) => Math.exp(score - largest));
  const sum = raised.reduce((total, value) => total + value, 0);
  return raised.map((value) => value / sum);
}
