// From sound to what the network sees: audio.py once more, for the demo.

/** The samples of a WAV file in base64, as whole numbers; throws unless it is mono, 16 bits, `rate`. */
export function readWave(base64, rate) {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    throw new Error("The recording is not in base64.");
  }
  const view = new DataView(bytes.buffer);
  const word = (place) => String.fromCharCode(...bytes.subarray(place, place + 4));
  if (bytes.length < 44 || word(0) !== "RIFF" || word(8) !== "WAVE") throw new Error("This is no WAV file.");
  let right = false;
  for (let place = 12; place + 8 <= bytes.length;) {
    const size = view.getUint32(place + 4, true);
    if (word(place) === "fmt ") {
      right = view.getUint16(place + 10, true) === 1 && view.getUint32(place + 12, true) === rate && view.getUint16(place + 22, true) === 16;
    } else if (word(place) === "data") {
      if (!right) break;
      return Float64Array.from({ length: Math.floor(Math.min(size, bytes.length - place - 8) / 2) }, (_, n) => view.getInt16(place + 8 + 2 * n, true));
    }
    place += 8 + size + (size % 2);
  }
  throw new Error(`Send one channel of 16 bits at ${rate} samples a second.`);
}

/** Rows of bands, low to high, over time: 1 is the loudest place, 0 `decibels` below it. */
export function logMel(samples, about) {
  const { frame, hop, fft, bands, frames, decibels, filters, loudest, tiny } = about;
  const many = 1 + Math.max(0, Math.ceil((samples.length - frame) / hop));
  const power = Array.from({ length: bands }, () => new Float64Array(many));
  const [real, imaginary] = [new Float64Array(fft), new Float64Array(fft)];
  const places = fft / 2 + 1;
  let most = 0;
  for (let column = 0; column < many; column += 1) {
    real.fill(0);
    imaginary.fill(0);
    for (let n = 0; n < frame; n += 1) {
      const sample = samples[column * hop + n] ?? 0;
      real[n] = (sample / loudest) * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / (frame - 1)));
    }
    transform(real, imaginary);
    for (let band = 0; band < bands; band += 1) {
      let sum = 0;
      for (let place = 0; place < places; place += 1) {
        sum += filters[band * places + place] * (real[place] ** 2 + imaginary[place] ** 2);
      }
      power[band][column] = sum;
      most = Math.max(most, sum);
    }
  }
  const level = (value) => Math.max(0, 1 + (10 * Math.log10(Math.max(value / most, tiny))) / decibels);
  const before = Math.floor(Math.abs(frames - many) / 2);
  return power.map((row) => Float64Array.from({ length: frames }, (_, place) => {
    if (most <= 0) return 0;
    const value = many > frames ? row[place + before] : row[place - before];
    return value === undefined ? 0 : level(value);
  }));
}

/** Fast Fourier transform in place; the length is a power of two. */
function transform(real, imaginary) {
  const size = real.length;
  for (let place = 1, turned = 0; place < size; place += 1) {
    let bit = size >> 1;
    for (; turned & bit; bit >>= 1) turned ^= bit;
    turned ^= bit;
    if (place < turned) {
      [real[place], real[turned]] = [real[turned], real[place]];
      [imaginary[place], imaginary[turned]] = [imaginary[turned], imaginary[place]];
    }
  }
  for (let width = 2; width <= size; width *= 2) {
    for (let step = 0; step < width / 2; step += 1) {
      const [cosine, sine] = [Math.cos((2 * Math.PI * step) / width), -Math.sin((2 * Math.PI * step) / width)];
      for (let one = step; one < size; one += width) {
        const other = one + width / 2;
        const up = real[other] * cosine - imaginary[other] * sine;
        const across = real[other] * sine + imaginary[other] * cosine;
        [real[other], imaginary[other]] = [real[one] - up, imaginary[one] - across];
        [real[one], imaginary[one]] = [real[one] + up, imaginary[one] + across];
      }
    }
  }
}

/** Of the loudest frame, in decibels below the loudest that fits. */
export function loudness(samples, { frame, loudest, faintest, tiny }) {
  const sums = new Float64Array(samples.length + 1);
  samples.forEach((sample, n) => { sums[n + 1] = sums[n] + (sample / loudest) ** 2; });
  let most = 0;
  for (let end = 1; end <= samples.length; end += 1) {
    most = Math.max(most, (sums[end] - sums[Math.max(0, end - frame)]) / frame);
  }
  return Math.max(faintest, 10 * Math.log10(Math.max(most, tiny)));
}
