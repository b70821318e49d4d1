// From a picture to the 28 × 28 pixels that the network knows: photograph.py and Pillow's way to scale, for the demo.
// The page hands over PNG files, whatever the visitor chose.

const SIDE = 28;
const MOST_PIXELS = 25_000_000;
const WORKING_SIDE = 448; // longest edge while looking for the garment
const RIM = 0.04; // share of the picture along its edges that should show the ground
const PLAIN = 24; // grey levels by which a plain ground may vary
const FAINT = 12; // grey levels: a picture without more contrast shows nothing
const GARMENT = Math.fround(0.2); // of the contrast: what differs so much from the ground is garment
const SPECK = 0.01; // of a line: fewer garment pixels in a row or column are dust
const BITS = 22; // of a fraction, as Pillow scales
const UNREADABLE = "not a picture that can be read (PNG, JPEG, WEBP, GIF, BMP)";

const BOX = { support: 0.5, weigh: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };
const BICUBIC = {
  support: 2,
  weigh(x) {
    const far = Math.abs(x);
    if (far < 1) return (1.5 * far - 2.5) * far * far + 1;
    return far < 2 ? (((far - 5) * far + 8) * far - 4) * -0.5 : 0;
  },
};

/** The pixels, white on black, and a remark on what may make them unlike the data. */
export async function prepare(file) {
  const picture = await readPng(file);
  const ratio = Math.min(1, WORKING_SIDE / Math.max(picture.width, picture.height));
  const scaled = picture.planes.map((plane) => resize(plane, picture.width, picture.height, ratio, BICUBIC));
  const { width, height } = scaled[0];
  const planes = scaled.map(({ plane }) => plane);
  const { ground, spread } = measureGround(planes, width, height);
  const contrast = Float32Array.from(planes[0], (_, place) => (
    Math.max(...planes.map((plane, colour) => Math.abs(plane[place] - ground[colour])))
  ));
  const strongest = percentile(contrast, 0.995);
  if (strongest < FAINT) throw new Error("the picture is of one colour: there is nothing to recognise in it");
  const strength = contrast.map((value) => Math.min(value / strongest, 1)); // single precision, as NumPy's
  const { top, bottom, left, right } = findGarment(strength, width, height);
  const remarks = [];
  if (spread > PLAIN) remarks.push("The ground is not plain, so some of it is taken for garment.");
  if (Math.min(top, left) === 0 || bottom === height || right === width) {
    remarks.push("The garment touches the edge of the picture, so part of it may be missing.");
  }
  const levels = new Uint8Array((right - left) * (bottom - top));
  for (let row = top, place = 0; row < bottom; row += 1) {
    for (let column = left; column < right; column += 1, place += 1) {
      levels[place] = roundToEven(Math.fround(strength[row * width + column] * 255));
    }
  }
  return { pixels: fitSquare(levels, right - left, bottom - top), remark: remarks.join(" ") };
}

/** Width, height and the three colours of a PNG file of eight bits, on white where transparent. */
async function readPng(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  try {
    if (view.getUint32(0) !== 0x89504e47) throw new Error(UNREADABLE);
    const [width, height] = [view.getUint32(16), view.getUint32(20)];
    if (width * height > MOST_PIXELS) throw new Error(`the picture has more than ${MOST_PIXELS / 1e6} megapixels`);
    const samples = { 0: 1, 2: 3, 4: 2, 6: 4 }[file[25]]; // grey or colour, with or without transparency
    if (file[24] !== 8 || !samples || file[28] !== 0) throw new Error(UNREADABLE);
    const parts = [];
    for (let at = 8; at < file.length; at += view.getUint32(at) + 12) {
      if (view.getUint32(at + 4) === 0x49444154) parts.push(file.subarray(at + 8, at + 8 + view.getUint32(at)));
    }
    const bytes = await inflate(parts);
    return { width, height, planes: onWhite(unfilter(bytes, width * samples, height, samples), samples) };
  } catch (error) {
    throw error instanceof RangeError ? new Error(UNREADABLE) : error;
  }
}

/** What was packed; every browser has words of its own for what is not. */
async function inflate(parts) {
  const unpacked = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
  try {
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch {
    throw new Error(UNREADABLE);
  }
}

/** The samples behind a PNG file's lines, each of which says how it was foretold. */
function unfilter(bytes, length, height, samples) {
  if (bytes.length < (length + 1) * height) throw new RangeError(UNREADABLE);
  const found = new Uint8Array(length * height);
  for (let row = 0; row < height; row += 1) {
    const [from, to] = [row * (length + 1), row * length];
    for (let column = 0; column < length; column += 1) {
      const left = column >= samples ? found[to + column - samples] : 0;
      const up = row > 0 ? found[to + column - length] : 0;
      const corner = row > 0 && column >= samples ? found[to + column - length - samples] : 0;
      const foretold = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][bytes[from]];
      found[to + column] = bytes[from + 1 + column] + foretold;
    }
  }
  return found;
}

function paeth(left, up, corner) {
  const [far, high, wide] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (far <= high && far <= wide) return left;
  return high <= wide ? up : corner;
}

/** Three planes of colour, rounded as Pillow rounds. */
function onWhite(data, samples) {
  const opaque = samples % 2 === 1;
  return [0, 1, 2].map((colour) => {
    const plane = new Uint8Array(data.length / samples);
    for (let place = 0; place < plane.length; place += 1) {
      const value = data[place * samples + (samples > 2 ? colour : 0)];
      const alpha = opaque ? 255 : data[place * samples + samples - 1];
      const mixed = (value * alpha + 255 * (255 - alpha)) * 128 + (128 << 7);
      plane[place] = alpha === 255 ? value : ((mixed >> 8) + mixed) >> 15;
    }
    return plane;
  });
}

/** A plane with both sides times `ratio`: across, then down, each rounded to whole grey levels. */
function resize(plane, width, height, ratio, filter) {
  const [right, down] = [width, height].map((side) => Math.max(1, roundToEven(side * ratio)));
  const across = right === width ? plane : scale(plane, [width, 1], [right, 1], height, [width, right], filter);
  const made = down === height ? across : scale(across, [height, right], [down, right], right, [1, 1], filter);
  return { plane: made, width: right, height: down };
}

/** Lines of `before` numbers scaled to `after`, both with the step from one to the next in the plane. */
function scale(plane, [before, stepFrom], [after, stepTo], lines, [lineFrom, lineTo], filter) {
  const found = new Uint8ClampedArray(after * lines);
  const ratio = before / after;
  const wide = Math.max(ratio, 1);
  for (let place = 0; place < after; place += 1) {
    const centre = (place + 0.5) * ratio;
    const from = Math.max(0, Math.trunc(centre - filter.support * wide + 0.5));
    const to = Math.min(before, Math.trunc(centre + filter.support * wide + 0.5));
    const weights = Array.from({ length: to - from }, (_, each) => filter.weigh((each + from - centre + 0.5) * (1 / wide)));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    const parts = weights.map((weight) => Math.round(Math.abs(weight / whole) * 2 ** BITS) * Math.sign(weight));
    for (let line = 0; line < lines; line += 1) {
      let sum = 2 ** (BITS - 1);
      for (let each = 0; each < parts.length; each += 1) sum += plane[line * lineFrom + (from + each) * stepFrom] * parts[each];
      found[line * lineTo + place * stepTo] = sum >> BITS;
    }
  }
  return found;
}

/** The median colour along the edges, and how far nine tenths of the edges are within it. */
function measureGround(planes, width, height) {
  const rim = Math.max(1, roundToEven(RIM * Math.min(width, height)));
  const edges = [];
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const beside = Number(row < rim) + Number(row >= height - rim) + Number(column < rim) + Number(column >= width - rim);
      for (let times = 0; times < beside; times += 1) edges.push(row * width + column); // corners count twice
    }
  }
  const ground = planes.map((plane) => {
    const sorted = Uint8Array.from(edges, (place) => plane[place]).sort();
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  });
  const distances = Float32Array.from(edges, (place) => (
    Math.max(...planes.map((plane, colour) => Math.abs(plane[place] - ground[colour])))
  ));
  return { ground, spread: percentile(distances, 0.9) };
}

/** What the share `share` of the values is below, in single precision. */
function percentile(values, share) {
  const sorted = values.slice().sort();
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  const part = place - Math.floor(place);
  const round = Math.fround;
  return part < 0.5
    ? round(below + round((above - below) * round(part)))
    : round(above - round((above - below) * round(1 - part)));
}

/** Top, bottom, left, right of what is garment, specks of dust left out. */
function findGarment(strength, width, height) {
  const rows = new Float64Array(height);
  const columns = new Float64Array(width);
  strength.forEach((value, place) => {
    if (value <= GARMENT) return;
    rows[Math.floor(place / width)] += 1;
    columns[place % width] += 1;
  });
  const [down, across] = [rows.map((count) => count / width > SPECK), columns.map((count) => count / height > SPECK)];
  if (!down.includes(1) || !across.includes(1)) throw new Error("nothing in the picture stands out from the ground");
  return {
    top: down.indexOf(1), bottom: down.lastIndexOf(1) + 1,
    left: across.indexOf(1), right: across.lastIndexOf(1) + 1,
  };
}

/** Scaled so that the longest edge has 28 pixels, and centred on black; rows of grey levels. */
function fitSquare(levels, width, height) {
  const { plane, width: across, height: down } = resize(levels, width, height, SIDE / Math.max(width, height), BOX);
  const [top, left] = [(SIDE - down) >> 1, (SIDE - across) >> 1];
  const square = Array.from({ length: SIDE }, () => Array(SIDE).fill(0));
  plane.forEach((level, place) => { square[top + Math.floor(place / across)][left + (place % across)] = level; });
  return square;
}

/** To the nearest whole number, halves to the even one. */
function roundToEven(value) {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}
