// The network's operations in plain JavaScript, for the demo; demo.py says which of them, in which order.
// A tensor holds its numbers channel by channel, in each image by image, each row by row.

const TILE = 4; // side of what one tile of a convolution gives
const PATCH = TILE + 2; // side of what it looks at
const PLACES = PATCH * PATCH;
const BLOCK = 4; // numbers that are added up side by side

// Winograd's F(4 × 4, 3 × 3) needs a quarter of the multiplications (Lavin and Gray, 2016).
const OF_KERNEL = [
  [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
];

/** The network as a function of many images at once. */
export class Network {
  #input;
  #steps;
  #constants = new Map();

  constructor({ input, steps, shapes, weights }) {
    let start = 0;
    for (const [name, shape] of Object.entries(shapes)) {
      const size = shape.reduce((product, side) => product * side, 1);
      this.#constants.set(name, { shape, data: weights.subarray(start, start + size) });
      start += size;
    }
    for (const { name, inputs } of steps) {
      const kernel = this.#constants.get(inputs[1]);
      if (name === "Conv") kernel.places ??= transformKernels(kernel);
    }
    this.#input = input;
    this.#steps = steps;
  }

  /** Probabilities, class by class, of images of `side` × `side` pixels, 0 to 1, one after the other. */
  run(pixels, side) {
    const known = new Map(this.#constants);
    const images = pixels.length / side ** 2;
    known.set(this.#input, { data: pixels, channels: 1, images, height: side, width: side });
    let last;
    for (const { name, inputs, output } of this.#steps) {
      last = OPERATIONS[name](...inputs.map((each) => known.get(each)));
      known.set(output, last);
    }
    return Array.from({ length: images }, (_, image) => (
      Array.from({ length: last.channels }, (_, channel) => last.data[channel * images + image])
    ));
  }
}

const OPERATIONS = {
  Add: elementwise((one, other) => one + other),
  Sub: elementwise((one, other) => one - other),
  Mul: elementwise((one, other) => one * other),
  Div: elementwise((one, other) => one / other),
  Relu: rectify,
  Flatten: (given) => given,
  Flip: flip,
  Conv: convolve,
  MaxPool: halve,
  GlobalMax: largest,
  Gemm: combine,
  Softmax: softmax,
};

function elementwise(operation) {
  return (one, other) => {
    const single = other.data.length === 1;
    const data = one.data.map((value, place) => operation(value, other.data[single ? 0 : place]));
    return { ...one, data };
  };
}

function rectify(given) {
  const data = given.data.slice();
  for (let place = 0; place < data.length; place += 1) if (data[place] < 0) data[place] = 0;
  return { ...given, data };
}

/** Left and right changed over. */
function flip(given) {
  const { data, width } = given;
  return { ...given, data: data.map((_, place) => data[place - 2 * (place % width) + width - 1]) };
}

/** The largest of every 2 × 2 numbers. */
function halve(given) {
  const { data, channels, images, width: before } = given;
  const [height, width] = [given.height / 2, before / 2];
  const rows = channels * images * height;
  const found = new Float64Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const corner = 2 * (row * before + column);
      found[row * width + column] = Math.max(
        data[corner], data[corner + 1], data[corner + before], data[corner + before + 1],
      );
    }
  }
  return { data: found, channels, images, height, width };
}

/** The largest number of each channel. */
function largest({ data, channels, images, height, width }) {
  const size = height * width;
  const found = Float64Array.from({ length: channels * images }, (_, place) => (
    data.subarray(place * size, (place + 1) * size).reduce((one, other) => Math.max(one, other))
  ));
  return { data: found, channels, images, height: 1, width: 1 };
}

/** Weighted sums of all channels; weights are of shape (after, before). */
function combine({ data, channels, images }, weights, bias) {
  const after = bias.data.length;
  const found = new Float64Array(after * images);
  for (let place = 0; place < found.length; place += 1) {
    const [to, image] = [Math.floor(place / images), place % images];
    let sum = bias.data[to];
    for (let from = 0; from < channels; from += 1) sum += weights.data[to * channels + from] * data[from * images + image];
    found[place] = sum;
  }
  return { data: found, channels: after, images, height: 1, width: 1 };
}

function softmax(given) {
  const { data, channels, images } = given;
  const odds = new Float64Array(data.length);
  for (let image = 0; image < images; image += 1) {
    const places = Array.from({ length: channels }, (_, channel) => channel * images + image);
    const highest = Math.max(...places.map((place) => data[place]));
    for (const place of places) odds[place] = Math.exp(data[place] - highest);
    const whole = places.reduce((sum, place) => sum + odds[place], 0);
    for (const place of places) odds[place] /= whole;
  }
  return { ...given, data: odds };
}

/** Kernels of shape (after, before, 3, 3) as numbers of shape (36, after, before). */
function transformKernels({ data, shape: [after, before] }) {
  const count = after * before;
  const found = new Float64Array(PLACES * count);
  for (let kernel = 0; kernel < count; kernel += 1) {
    for (let place = 0; place < PLACES; place += 1) {
      const [down, across] = [OF_KERNEL[Math.floor(place / PATCH)], OF_KERNEL[place % PATCH]];
      let sum = 0;
      for (let each = 0; each < 9; each += 1) sum += down[Math.floor(each / 3)] * across[each % 3] * data[kernel * 9 + each];
      found[place * count + kernel] = sum;
    }
  }
  return found;
}

/** A convolution of 3 × 3, the image padded by zeros; in tiles of 4 × 4 that are looked at through 6 × 6. */
function convolve({ data, channels, images, height, width }, { places, shape: [after] }, bias) {
  const down = Math.ceil(height / TILE), across = Math.ceil(width / TILE);
  const columns = Math.ceil((images * down * across) / BLOCK) * BLOCK;
  const seen = new Float64Array(PLACES * channels * columns);
  const made = new Float64Array(PLACES * after * columns);
  const found = new Float64Array(after * images * height * width);
  const patch = new Float64Array(PLACES);

  /** Every tile of a channel: its column, its corner, and where its image starts in the channel. */
  function eachTile(visit) {
    for (let image = 0, column = 0; image < images; image += 1) {
      for (let top = 0; top < height; top += TILE) {
        for (let left = 0; left < width; left += TILE, column += 1) visit(column, top, left, image * height * width);
      }
    }
  }

  for (let channel = 0; channel < channels; channel += 1) {
    eachTile((column, top, left, start) => {
      const from = channel * images * height * width + start;
      patch.fill(0);
      for (let y = Math.max(top - 1, 0); y < Math.min(top + TILE + 1, height); y += 1) {
        for (let x = Math.max(left - 1, 0); x < Math.min(left + TILE + 1, width); x += 1) {
          patch[(y - top + 1) * PATCH + x - left + 1] = data[from + y * width + x];
        }
      }
      for (let line = 0; line < PATCH; line += 1) transformInput(patch, line, PATCH);
      for (let line = 0; line < PLACES; line += PATCH) transformInput(patch, line, 1);
      for (let place = 0; place < PLACES; place += 1) seen[(place * channels + channel) * columns + column] = patch[place];
    });
  }
  for (let place = 0; place < PLACES; place += 1) {
    multiply(
      places.subarray(place * after * channels), seen.subarray(place * channels * columns),
      made.subarray(place * after * columns), after, channels, columns,
    );
  }
  for (let channel = 0; channel < after; channel += 1) {
    const added = bias?.data[channel] ?? 0;
    eachTile((column, top, left, start) => {
      const to = channel * images * height * width + start;
      for (let place = 0; place < PLACES; place += 1) patch[place] = made[(place * after + channel) * columns + column];
      for (let line = 0; line < PATCH; line += 1) transformOutput(patch, line, PATCH);
      for (let line = 0; line < PATCH * TILE; line += PATCH) transformOutput(patch, line, 1);
      for (let y = top; y < Math.min(top + TILE, height); y += 1) {
        for (let x = left; x < Math.min(left + TILE, width); x += 1) {
          found[to + y * width + x] = patch[(y - top) * PATCH + x - left] + added;
        }
      }
    });
  }
  return { data: found, channels: after, images, height, width };
}

function transformInput(d, start, step) {
  const d0 = d[start], d1 = d[start + step], d2 = d[start + 2 * step];
  const d3 = d[start + 3 * step], d4 = d[start + 4 * step], d5 = d[start + 5 * step];
  d[start] = 4 * d0 - 5 * d2 + d4;
  d[start + step] = d3 + d4 - 4 * (d1 + d2);
  d[start + 2 * step] = 4 * (d1 - d2) - d3 + d4;
  d[start + 3 * step] = 2 * (d3 - d1) - d2 + d4;
  d[start + 4 * step] = 2 * (d1 - d3) - d2 + d4;
  d[start + 5 * step] = 4 * d1 - 5 * d3 + d5;
}

function transformOutput(m, start, step) {
  const m1 = m[start + step], m2 = m[start + 2 * step], m3 = m[start + 3 * step], m4 = m[start + 4 * step];
  const sum = m1 + m2, difference = m1 - m2, wideSum = m3 + m4, wideDifference = m3 - m4;
  m[start] += sum + wideSum;
  m[start + step] = difference + 2 * wideDifference;
  m[start + 2 * step] = sum + 4 * wideSum;
  m[start + 3 * step] = difference + 8 * wideDifference + m[start + 5 * step];
}

/** `made` (rows × columns) = `one` (rows × depth) · `other` (depth × columns), in blocks that stay in registers. */
function multiply(one, other, made, rows, depth, columns) {
  for (let column = 0; column < columns; column += BLOCK) {
    for (let row = 0; row < rows; row += 2) {
      let first = row * depth;
      let second = row + 1 < rows ? first + depth : first;
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
      let b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      for (let at = column; at < depth * columns; at += columns) {
        const a = one[first++], b = one[second++];
        const x0 = other[at], x1 = other[at + 1], x2 = other[at + 2], x3 = other[at + 3];
        a0 += a * x0; a1 += a * x1; a2 += a * x2; a3 += a * x3;
        b0 += b * x0; b1 += b * x1; b2 += b * x2; b3 += b * x3;
      }
      const place = row * columns + column;
      made[place] = a0; made[place + 1] = a1; made[place + 2] = a2; made[place + 3] = a3;
      if (row + 1 === rows) continue;
      const next = place + columns;
      made[next] = b0; made[next + 1] = b1; made[next + 2] = b2; made[next + 3] = b3;
    }
  }
}
