// The detector in the visitor's browser: predict.py once more, for the demo.
import { unpack } from "./packed.js";

/** The detector; `read(name)` gives the bytes of a file that demo.py made. */
export async function load(read) {
  const about = unpack(await read("model.bin"));
  const { kinds, layers, widths, step, reach, middle, spread, thresholds } = about;
  const [least, most] = about.sides;
  const [scorePlaces, boxPlaces] = about.places.map((places) => 10 ** places);

  function predict({ picture, width, height }) {
    const content = atob(picture);
    const fits = [width, height].every((side) => Number.isInteger(side) && side >= least && side <= most);
    if (!fits || content.length !== width * height * 3) throw new Error(`Send a picture of ${least} to ${most} pixels a side, three bytes each.`);
    const found = detect(content, width, height);
    const counted = found.filter(({ kind, score }) => score >= thresholds[kind]);
    return {
      counts: Object.fromEntries(kinds.map((name, kind) => [name, counted.filter((each) => each.kind === kind).length])),
      thresholds: Object.fromEntries(kinds.map((name, kind) => [name, thresholds[kind]])),
      found: found.map(({ kind, box, score }) => ({ kind: kinds[kind], box, score })),
    };
  }

  /** Detections, best first. */
  function detect(content, width, height) {
    const { values, rows, columns } = run(content, width, height);
    const size = rows * columns;
    const heat = values.subarray(0, kinds.length * size).map((logit) => 1 / (1 + Math.exp(-logit)));
    const round = (value, places) => Math.round(value * places) / places;
    const cut = (value, high) => round(Math.min(high, Math.max(0, value)), boxPlaces);
    const found = [];
    for (let kind = 0; kind < kinds.length; kind += 1) {
      const map = heat.subarray(kind * size, (kind + 1) * size);
      for (let place = 0; place < size; place += 1) {
        if (!(map[place] > about.least && isPeak(map, place, rows, columns))) continue;
        const [left, top, right, bottom] = [0, 1, 2, 3].map((side) => {
          const logit = values[(kinds.length + side) * size + place];
          return softplus(Math.min(reach, Math.max(-reach, logit))) * step;
        });
        const [x, y] = [((place % columns) + 0.5) * step, (Math.floor(place / columns) + 0.5) * step];
        const box = [cut(x - left, width), cut(y - top, height), cut(x + right, width), cut(y + bottom, height)];
        found.push({ kind, box, score: round(map[place], scorePlaces) });
      }
    }
    const left = kinds.map((_, kind) => about.most[kind]);
    return suppress(found).filter(({ kind }) => { left[kind] -= 1; return left[kind] >= 0; });
  }

  function suppress(found) {
    const kept = [];
    for (const each of found.slice().sort((one, other) => other.score - one.score)) {
      if (!kept.some((other) => other.kind === each.kind && overlap(other.box, each.box) > about.overlap)) kept.push(each);
    }
    return kept;
  }

  /** The network: channel by channel, row by row. */
  function run(content, width, height) {
    let [rows, columns, channels] = [height, width, 3];
    let found = new Float64Array(channels * rows * columns);
    for (let place = 0; place < rows * columns; place += 1) {
      for (let colour = 0; colour < 3; colour += 1) found[colour * rows * columns + place] = (content.charCodeAt(place * 3 + colour) - middle) / spread;
    }
    layers.forEach(([stride, dilation, added], number) => {
      const next = convolve(found, { channels, rows, columns, stride, dilation }, about[`kernel${number}`], about[`bias${number}`]);
      for (let place = 0; place < next.values.length; place += 1) {
        const sum = added ? next.values[place] + found[place] : next.values[place];
        next.values[place] = sum > 0 ? sum : 0;
      }
      [found, rows, columns, channels] = [next.values, next.rows, next.columns, widths[number]];
    });
    const size = rows * columns;
    const values = new Float64Array(about.head_bias.length * size);
    about.head_bias.forEach((bias, out) => {
      const line = values.subarray(out * size, (out + 1) * size).fill(bias);
      for (let channel = 0; channel < channels; channel += 1) {
        const weight = about.head[out * channels + channel];
        for (let place = 0; place < size; place += 1) line[place] += weight * found[channel * size + place];
      }
    });
    return { values, rows, columns };
  }

  return { post: { "/predict": predict }, get: {} };
}

/** A convolution of 3 × 3 with a margin of zeros. */
function convolve(found, { channels, rows, columns, stride, dilation }, kernel, bias) {
  const [high, wide] = [Math.ceil(rows / stride), Math.ceil(columns / stride)];
  const values = new Float64Array(bias.length * high * wide);
  const padded = pad(found, channels, rows, columns, dilation);
  const [tall, broad] = [rows + 2 * dilation, columns + 2 * dilation];
  for (let out = 0; out < bias.length; out += 1) {
    const into = values.subarray(out * high * wide, (out + 1) * high * wide).fill(bias[out]);
    for (let channel = 0; channel < channels; channel += 1) {
      const from = padded.subarray(channel * tall * broad, (channel + 1) * tall * broad);
      const at = (out * channels + channel) * 9;
      const [a, b, c, d, e, f, g, h, i] = kernel.subarray(at, at + 9);
      for (let row = 0, place = 0; row < high; row += 1) {
        let first = row * stride * broad;
        let second = first + dilation * broad;
        let third = second + dilation * broad;
        for (let column = 0; column < wide; column += 1, place += 1) {
          into[place] += a * from[first] + b * from[first + dilation] + c * from[first + 2 * dilation]
            + d * from[second] + e * from[second + dilation] + f * from[second + 2 * dilation]
            + g * from[third] + h * from[third + dilation] + i * from[third + 2 * dilation];
          first += stride;
          second += stride;
          third += stride;
        }
      }
    }
  }
  return { values, rows: high, columns: wide };
}

function pad(found, channels, rows, columns, margin) {
  const [tall, broad] = [rows + 2 * margin, columns + 2 * margin];
  const padded = new Float64Array(channels * tall * broad);
  for (let line = 0; line < channels * rows; line += 1) {
    const [channel, row] = [Math.floor(line / rows), line % rows];
    padded.set(found.subarray(line * columns, (line + 1) * columns), (channel * tall + row + margin) * broad + margin);
  }
  return padded;
}

/** Whether none of the eight neighbours is hotter. */
function isPeak(map, place, rows, columns) {
  const [row, column] = [Math.floor(place / columns), place % columns];
  for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y += 1) {
    for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x += 1) {
      if (map[y * columns + x] > map[place]) return false;
    }
  }
  return true;
}

function softplus(value) {
  return Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)));
}

/** Intersection over union of two boxes. */
function overlap(one, other) {
  const across = Math.max(0, Math.min(one[2], other[2]) - Math.max(one[0], other[0]));
  const down = Math.max(0, Math.min(one[3], other[3]) - Math.max(one[1], other[1]));
  const area = ([left, top, right, bottom]) => (right - left) * (bottom - top);
  return (across * down) / Math.max(area(one) + area(other) - across * down, Number.MIN_VALUE);
}
