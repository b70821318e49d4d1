// The recogniser in the visitor's browser: model.py's descriptor and predict.py once more, for the demo.
import { unpack } from "./packed.js";

const LONGEST_NAME = 60;
const BINOMIAL = [1, 4, 6, 4, 1].map((part) => part / 16);

/** The recogniser; `read(name)` gives the bytes of a file that demo.py made. */
export async function load(read) {
  const about = unpack(await read("model.bin"));
  const { size: [height, width], orientations, cell, window, floor, mean, directions, places } = about;
  const [rows, columns] = [windows(height, cell, window), windows(width, cell, window)];
  const round = (value) => Math.round(value * 10 ** places) / 10 ** places;

  function predict({ picture, gallery = {} }) {
    const pixels = decode(picture);
    if (pixels.length !== height * width) throw new Error(`A picture has ${height * width} bytes.`);
    if (deviation(pixels) < about.faint) throw new Error("the picture has hardly any contrast: there is no face to be seen");
    check(gallery, about.most);
    const parts = [pixels, mirror(pixels)].map((each) => project(gradients(each)));
    const [straight, turned] = parts.map(unit);
    const descriptor = unit(straight.map((value, place) => value + turned[place]));
    const people = identify(descriptor, gallery);
    const [nearest, likeness] = people[0] ?? [null, null];
    const distance = (norm(parts[0]) + norm(parts[1])) / 2;
    return {
      known: likeness !== null && likeness > about.threshold && distance <= about.usual,
      nearest,
      likeness,
      threshold: about.threshold,
      distance,
      usual: about.usual,
      people,
      descriptor: Array.from(descriptor, round),
    };
  }

  /** Everybody enrolled with the mean likeness of their pictures, the most alike first. */
  function identify(descriptor, gallery) {
    const found = Object.entries(gallery).map(([name, enrolled]) => {
      if (enrolled.some((each) => each.length !== descriptor.length)) {
        throw new Error(`${name} was enrolled with another model: forget, enrol again`);
      }
      return [name, round(enrolled.reduce((sum, each) => sum + dot(each, descriptor), 0) / enrolled.length)];
    });
    return found.sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  }

  function project(features) {
    const length = directions.length / mean.length;
    const found = new Float64Array(length);
    features.forEach((value, row) => {
      for (let place = 0; place < length; place += 1) found[place] += (value - mean[row]) * directions[row * length + place];
    });
    return found;
  }

  /** Histograms of oriented gradients, each cell a Gaussian window. */
  function gradients(pixels) {
    const levels = smooth(smooth(pixels, width, height), height, width);
    const weights = Array.from({ length: orientations }, () => new Float64Array(levels.length));
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const at = (row, column) => levels[Math.min(Math.max(row, 0), height - 1) * width + Math.min(Math.max(column, 0), width - 1)];
        const [across, down] = [(at(y, x + 1) - at(y, x - 1)) / 2, (at(y + 1, x) - at(y - 1, x)) / 2];
        const turn = Math.atan2(down, across) / (2 * Math.PI);
        const place = (turn - Math.floor(turn)) * orientations;
        const [first, part] = [Math.floor(place) % orientations, place - Math.floor(place)];
        const strength = Math.hypot(across, down);
        weights[first][y * width + x] += strength * (1 - part);
        weights[(first + 1) % orientations][y * width + x] += strength * part;
      }
    }
    const cells = weights.map((weight) => pool(weight));
    return Float64Array.from({ length: rows.length * columns.length * orientations }, (_, place) => {
      const where = Math.floor(place / orientations);
      const length = Math.hypot(...cells.map((each) => each[where]));
      return Math.sqrt(cells[place % orientations][where] / (length + floor));
    });
  }

  /** What each window sees of a plane, window by window. */
  function pool(plane) {
    return rows.flatMap((row) => {
      const band = new Float64Array(width);
      row.forEach((share, y) => { for (let x = 0; x < width; x += 1) band[x] += share * plane[y * width + x]; });
      return columns.map((column) => dot(column, band));
    });
  }

  function mirror(pixels) {
    return pixels.map((_, place) => pixels[place - (place % width) + width - 1 - (place % width)]);
  }

  return { post: { "/predict": predict }, get: {} };
}

/** Smoothed down, and turned: rows become columns, so that the second time it goes across. */
function smooth(plane, width, height) {
  const found = new Float64Array(plane.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      found[x * height + y] = BINOMIAL.reduce((sum, share, step) => (
        sum + share * plane[Math.min(Math.max(y + step - 2, 0), height - 1) * width + x]
      ), 0);
    }
  }
  return found;
}

function windows(side, cell, width) {
  const found = [];
  for (let centre = Math.floor(cell / 2); centre < side; centre += cell) {
    const heights = Array.from({ length: side }, (_, place) => Math.exp(-(((place - centre) / width) ** 2) / 2));
    const whole = heights.reduce((sum, each) => sum + each, 0);
    found.push(heights.map((each) => each / whole));
  }
  return found;
}

function check(gallery, [people, pictures]) {
  const entries = Object.entries(gallery);
  const right = entries.length <= people && entries.every(([name, enrolled]) => (
    name.length >= 1 && name.length <= LONGEST_NAME && enrolled.length >= 1 && enrolled.length <= pictures
  ));
  if (!right) throw new Error(`A gallery has up to ${people} people with up to ${pictures} pictures each.`);
}

const dot = (one, other) => one.reduce((sum, value, place) => sum + value * other[place], 0);
const norm = (values) => Math.sqrt(dot(values, values));

function unit(values) {
  const length = norm(values) || 1;
  return values.map((value) => value / length);
}

function deviation(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function decode(base64) {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    throw new Error("not a picture in base64");
  }
}
