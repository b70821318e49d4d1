// The recogniser in the visitor's browser: predict.py once more, for the demo.
import { Network } from "./network.js";
import { unpack } from "./packed.js";
import { prepare } from "./picture.js";

const LARGEST_BATCH = 8; // pictures
const AT_ONCE = 5; // images through the network: as many as the processor's memory holds well
const BRIGHTEST = 255;

/** The recogniser; `read(name)` gives the bytes of a file that demo.py made. */
export async function load(read) {
  const about = unpack(await read("model.bin"));
  const { classes, threshold, occlusion: { window, stride } } = about;
  const network = new Network(about);

  async function predict({ images }) {
    if (!(images?.length >= 1 && images.length <= LARGEST_BATCH)) throw new Error(`Send 1 to ${LARGEST_BATCH} pictures.`);
    const verdicts = [];
    for (const image of images) verdicts.push(judge(await prepare(decode(image))));
    return { verdicts };
  }

  function judge({ pixels, remark }) {
    const [found] = probabilities([pixels]);
    const best = found.indexOf(Math.max(...found));
    let falls;
    return {
      label: classes[best],
      probability: found[best],
      sure: found[best] >= threshold,
      threshold,
      probabilities: Object.fromEntries(classes.map((name, place) => [name, found[place]])),
      pixels,
      get occlusion() { // takes far longer than all else, so it waits until somebody looks
        falls ??= occlude(pixels, best);
        return falls;
      },
      remark,
    };
  }

  /** By how much the probability of the class `best` falls, window by window, in rows. */
  function occlude(pixels, best) {
    const [whole, ...covered] = probabilities([pixels, ...cover(pixels)]);
    const across = Math.sqrt(covered.length);
    return Array.from({ length: across }, (_, row) => (
      covered.slice(row * across, (row + 1) * across).map((each) => whole[best] - each[best])
    ));
  }

  /** The image with a window blacked out, for every place of the window. */
  function cover(pixels) {
    const side = pixels.length;
    const found = [];
    for (let top = 0; top <= side - window; top += stride) {
      for (let left = 0; left <= side - window; left += stride) {
        found.push(pixels.map((row, y) => (y < top || y >= top + window ? row : row.map((level, x) => (
          x < left || x >= left + window ? level : 0
        )))));
      }
    }
    return found;
  }

  /** Of images, each as rows of grey levels; what is the same image is looked at once. */
  function probabilities(images) {
    const flat = images.map((rows) => rows.flat());
    const names = flat.map((levels) => levels.join());
    const different = [...new Map(names.map((name, row) => [name, flat[row]]))];
    const found = new Map();
    for (let start = 0; start < different.length; start += AT_ONCE) {
      const part = different.slice(start, start + AT_ONCE);
      const pixels = Float64Array.from(part.flatMap(([, levels]) => levels), (level) => level / BRIGHTEST);
      network.run(pixels, images[0].length).forEach((row, place) => found.set(part[place][0], row));
    }
    return names.map((name) => found.get(name));
  }

  return { post: { "/predict": predict }, get: {} };
}

function decode(base64) {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    throw new Error("not a picture in base64");
  }
}
