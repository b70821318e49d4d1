import { ask, complain, element } from "./service.js";

const RATE = 8000; // samples a second, as the network knows them
const SECONDS = 2; // that the microphone listens
const LONGEST = 3; // seconds of a recording
const QUIET = 0.0005; // share of the loudest part's power below which nothing is said
const PART = 200; // samples: 25 ms
const MARGIN = 2; // parts kept before and after what is said
const WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

const result = document.querySelector("#result");
const listen = document.querySelector("#listen");
const meter = document.querySelector("#meter");
const state = document.querySelector("#state");
const enrolled = {}; // descriptors of the visitor's own recordings, in this page alone

/** Whatever the browser can decode, as one channel at RATE; the browser resamples and filters. */
async function decode(bytes) {
  const context = new OfflineAudioContext(1, 1, RATE);
  let sound;
  try {
    sound = await context.decodeAudioData(bytes);
  } catch {
    throw new Error("The browser cannot read this as sound.");
  }
  const mixed = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel += 1) {
    sound.getChannelData(channel).forEach((sample, n) => { mixed[n] += sample / sound.numberOfChannels; });
  }
  return mixed;
}

/** What was said, without what came before and after it. */
function trim(samples) {
  const parts = Math.max(1, Math.floor(samples.length / PART));
  const power = Array.from({ length: parts }, (_, part) => samples.subarray(part * PART, (part + 1) * PART).reduce((sum, sample) => sum + sample ** 2, 0));
  const loudest = power.indexOf(Math.max(...power));
  const said = (part) => power[part] > power[loudest] * QUIET;
  const near = (part, step) => [1, 2, 3, 4, 5, 6].some((far) => said(part + step * far)); // a stop within the word
  let [first, last] = [loudest, loudest];
  while (first > 0 && (said(first - 1) || near(first - 1, -1))) first -= 1;
  while (last < parts - 1 && (said(last + 1) || near(last + 1, 1))) last += 1;
  return samples.subarray(Math.max(0, first - MARGIN) * PART, Math.min(parts, last + 1 + MARGIN) * PART);
}

/** A WAV file in base64: mono, 16 bits, RATE. */
function encode(samples) {
  const cut = samples.subarray(0, LONGEST * RATE);
  const view = new DataView(new ArrayBuffer(44 + 2 * cut.length));
  const write = (place, text) => [...text].forEach((letter, n) => view.setUint8(place + n, letter.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, 36 + 2 * cut.length, true);
  write(8, "WAVEfmt ");
  [[16, 16, 4], [20, 1, 2], [22, 1, 2], [24, RATE, 4], [28, 2 * RATE, 4], [32, 2, 2], [34, 16, 2]].forEach(([place, value, bytes]) => (
    bytes === 4 ? view.setUint32(place, value, true) : view.setUint16(place, value, true)
  ));
  write(36, "data");
  view.setUint32(40, 2 * cut.length, true);
  cut.forEach((sample, n) => view.setInt16(44 + 2 * n, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true));
  const bytes = new Uint8Array(view.buffer);
  let text = "";
  for (let place = 0; place < bytes.length; place += 8192) text += String.fromCharCode(...bytes.subarray(place, place + 8192));
  return btoa(text);
}

/** Two seconds from the microphone. */
async function record() {
  if (!navigator.mediaDevices) throw new Error("This page may not use a microphone: it has to come over https.");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
  } catch {
    throw new Error("There is no microphone, or the page may not use it.");
  }
  const context = new AudioContext();
  const source = context.createMediaStreamSource(stream);
  const look = context.createAnalyser();
  source.connect(look);
  const recorder = new MediaRecorder(stream);
  const pieces = [];
  recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
  const done = new Promise((resolve) => recorder.addEventListener("stop", resolve));
  recorder.start();
  const levels = new Float32Array(look.fftSize);
  const watch = setInterval(() => {
    look.getFloatTimeDomainData(levels);
    meter.value = Math.max(...levels.map(Math.abs));
  }, 50);
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
  recorder.stop();
  await done;
  clearInterval(watch);
  meter.value = 0;
  stream.getTracks().forEach((track) => track.stop());
  await context.close();
  return trim(await decode(await new Blob(pieces).arrayBuffer()));
}

function percent(share) {
  return share > 0.999 ? "over 99.9 %" : share < 0.001 ? "under 0.1 %" : `${(share * 100).toFixed(1)} %`;
}

/** The spectrogram, low pitch at the bottom; over it, in orange, what decided. */
function draw(canvas, seen, occlusion) {
  const [bands, frames] = [seen.length, seen[0].length];
  [canvas.width, canvas.height] = [frames, bands];
  const context = canvas.getContext("2d");
  const image = context.createImageData(frames, bands);
  const largest = Math.max(0.02, ...occlusion.flat());
  const [high, wide] = [Math.ceil(bands / occlusion.length), Math.ceil(frames / occlusion[0].length)];
  seen.forEach((row, band) => row.forEach((level, place) => {
    const heat = Math.max(0, occlusion[Math.floor(band / high)][Math.floor(place / wide)]) / largest;
    const grey = 25 + 215 * Math.min(1, level);
    const mix = (colour) => grey * (1 - 0.65 * heat) + colour * 0.65 * heat;
    image.data.set([mix(245), mix(158), mix(11), 255], ((bands - 1 - band) * frames + place) * 4);
  }));
  context.putImageData(image, 0, 0);
}

const REASONS = {
  silence: "Nothing was said, or too quietly.",
  "none of them": "This sounds like none of the ten words.",
  "not sure": "It is not sure enough: here it would ask again.",
};

async function show(found) {
  const { word, digit, probability, sure, threshold, reason, probabilities, seen } = found;
  const verdict = document.querySelector("#verdict");
  verdict.textContent = sure ? `${digit} · ${word}` : reason === "not sure" ? `Perhaps ${word}?` : "No digit";
  verdict.className = `verdict ${sure ? "good" : "bad"}`;
  document.querySelector("#sentence").textContent = sure
    ? `Probability ${percent(probability)}; it answers from ${percent(threshold)} on.`
    : `${REASONS[reason]} The likeliest digit has ${percent(probability)}; it answers from ${percent(threshold)} on.`;
  draw(document.querySelector("#seen"), seen, [[0]]);
  draw(document.querySelector("#map"), seen, [[0]]);
  const ranked = Object.entries(probabilities).sort(([, one], [, other]) => other - one).slice(0, 5);
  document.querySelector("#bars").replaceChildren(...ranked.map(([kind, chance]) => {
    const bar = element("span", { className: "bar" });
    bar.style.width = `${chance * 100}%`;
    return element("li", {}, element("span", {}, kind), bar, element("span", { className: "amount" }, `${(chance * 100).toFixed(1)} %`));
  }));
  result.hidden = false;
  result.scrollIntoView({ block: "nearest" });
  await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
  draw(document.querySelector("#map"), seen, found.occlusion); // last, as in the demo it is worked out only now
}

async function recognise(samples) {
  return ask("/predict", { recording: encode(samples), enrolled });
}

/** Do something with sound; what goes wrong is told. */
async function attempt(work) {
  complain();
  try {
    await work();
  } catch (error) {
    result.hidden = true;
    complain(error.message);
  }
  state.textContent = "";
}

async function listenTo(button, word) {
  const buttons = document.querySelectorAll("button");
  buttons.forEach((each) => { each.disabled = true; });
  state.textContent = word ? `Say “${word}” now …` : "Say one digit now …";
  await attempt(async () => {
    const answer = await recognise(await record());
    if (!word) {
      await show(answer);
    } else if (answer.reason === "silence") {
      throw new Error("Nothing was said, or too quietly: try again.");
    } else {
      enrolled[word] = [answer.descriptor];
    }
  });
  buttons.forEach((each) => { each.disabled = false; });
  showEnrolled();
  button.focus();
}

function showEnrolled() {
  const many = Object.keys(enrolled).length;
  document.querySelector("#told").textContent = many ? `${many} of 10 enrolled.` : "Nobody is enrolled.";
  document.querySelector("#forget").disabled = !many;
  document.querySelectorAll("#words button").forEach((button) => button.setAttribute("aria-pressed", String(button.value in enrolled)));
}

const SOUNDS = {
  "A falling tone": (n) => 0.5 * Math.sin(2 * Math.PI * (500 * n - 300 * n ** 2)) * Math.sin(2 * Math.PI * n),
  Noise: () => Math.random() * 0.6 - 0.3,
  Silence: () => 0,
};

for (const [name, wave] of Object.entries(SOUNDS)) {
  const button = element("button", { type: "button", className: "plain" }, name);
  button.addEventListener("click", () => attempt(async () => {
    await show(await recognise(Float32Array.from({ length: RATE / 2 }, (_, n) => wave(n / RATE))));
  }));
  document.querySelector("#examples").append(button);
}
for (const word of WORDS) {
  const button = element("button", { type: "button", className: "plain", value: word }, word);
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => listenTo(button, word));
  document.querySelector("#words").append(button);
}
listen.addEventListener("click", () => listenTo(listen));
document.querySelector("#file").addEventListener("change", ({ target }) => attempt(async () => {
  if (target.files[0]) await show(await recognise(await decode(await target.files[0].arrayBuffer())));
}));
document.querySelector("#forget").addEventListener("click", () => {
  for (const word of Object.keys(enrolled)) delete enrolled[word];
  showEnrolled();
});
showEnrolled();
