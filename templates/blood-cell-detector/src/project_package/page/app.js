import { ask, complain, element } from "./service.js";

const [WIDTH, HEIGHT] = [256, 192]; // pixels that the model was trained on
const ZOOM = 3; // of what is shown
const INKS = { "red cell": ["#b3420f", []], "white cell": ["#1f3fbf", [10, 5]], platelet: ["#0d6b3a", [3, 4]] };
const GROUND = [206, 207, 203]; // what surrounds a picture of another shape

const find = (id) => document.querySelector(`#${id}`);
const canvas = find("picture");
const view = { source: null, pixels: null, answer: null, thresholds: {} };

/** Red, green and blue of a picture of any size: how much of each pixel every small one covers. */
function shares(large, small, scale) {
  const step = large / small / scale;
  const start = (large - step * small) / 2;
  return Array.from({ length: small }, (_, place) => {
    const [low, high] = [start + place * step, start + (place + 1) * step];
    const found = [];
    for (let from = Math.max(0, Math.floor(low)); from < Math.min(large, Math.ceil(high)); from += 1) {
      const share = Math.min(high, from + 1) - Math.max(low, from);
      if (share > 0) found.push([from, share / step]);
    }
    return found;
  });
}

/** The picture at the model's size, the whole of it in the frame; means over what each pixel covers. */
function shrink({ data, width, height }, zoom) {
  const fit = Math.max(width / WIDTH, height / HEIGHT);
  const across = shares(width, WIDTH, (width / WIDTH / fit) * zoom);
  const down = shares(height, HEIGHT, (height / HEIGHT / fit) * zoom);
  const rows = new Float64Array(height * WIDTH * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      let seen = 0;
      for (const [from, share] of across[x]) {
        seen += share;
        for (let colour = 0; colour < 3; colour += 1) rows[(y * WIDTH + x) * 4 + colour] += share * data[(y * width + from) * 4 + colour];
      }
      rows[(y * WIDTH + x) * 4 + 3] = seen;
    }
  }
  const small = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const sums = [0, 0, 0];
      let seen = 0;
      for (const [from, share] of down[y]) {
        seen += share * rows[(from * WIDTH + x) * 4 + 3];
        for (let colour = 0; colour < 3; colour += 1) sums[colour] += share * rows[(from * WIDTH + x) * 4 + colour];
      }
      for (let colour = 0; colour < 3; colour += 1) small[(y * WIDTH + x) * 3 + colour] = Math.round(sums[colour] + (1 - Math.min(1, seen)) * GROUND[colour]);
    }
  }
  return small;
}

function encode(bytes) {
  let text = "";
  for (let start = 0; start < bytes.length; start += 8192) text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  return btoa(text);
}

const counted = () => view.answer.found.filter(({ kind, score }) => score >= view.thresholds[kind]);

function draw() {
  const context = canvas.getContext("2d");
  const small = element("canvas", { width: WIDTH, height: HEIGHT });
  const image = new ImageData(WIDTH, HEIGHT);
  for (let place = 0; place < WIDTH * HEIGHT; place += 1) image.data.set([...view.pixels.subarray(place * 3, place * 3 + 3), 255], place * 4);
  small.getContext("2d").putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  context.lineWidth = 3;
  for (const { kind, box: [left, top, right, bottom] } of counted()) {
    const [ink, dashes] = INKS[kind];
    context.strokeStyle = ink;
    context.setLineDash(dashes);
    context.strokeRect(left * ZOOM, top * ZOOM, (right - left) * ZOOM, (bottom - top) * ZOOM);
  }
}

const plural = (many, kind) => `${many} ${kind}${many === 1 ? "" : "s"}`;

function tell() {
  const found = counted();
  const kinds = Object.keys(view.answer.counts);
  const counts = Object.fromEntries(kinds.map((kind) => [kind, found.filter((each) => each.kind === kind).length]));
  find("told").textContent = `${kinds.map((kind) => plural(counts[kind], kind)).join(", ")}. No diagnosis follows from this.`;
  find("counts").replaceChildren(...kinds.map((kind) => {
    const key = element("span", { className: "key" });
    key.style.borderTopColor = INKS[kind][0];
    key.style.borderTopStyle = ["solid", "dashed", "dotted"][kinds.indexOf(kind)];
    return element("li", {}, key, element("b", {}, String(counts[kind])), ` ${kind}${counts[kind] === 1 ? "" : "s"}`);
  }));
  find("rows").replaceChildren(...found.map(({ kind, score, box: [left, top, right, bottom] }) => element(
    "tr", {}, element("td", {}, kind), element("td", {}, score.toFixed(2)),
    element("td", {}, `${Math.round(((left + right) / 2 / WIDTH) * 100)} %, ${Math.round(((top + bottom) / 2 / HEIGHT) * 100)} %`),
  )));
}

function show() {
  draw();
  tell();
}

/** A slider for each kind, which begins at the threshold of the training. */
function showSliders() {
  find("sliders").replaceChildren(...Object.keys(view.answer.thresholds).map((kind) => {
    const id = `threshold-${kind.replace(" ", "-")}`;
    const output = element("output", { htmlFor: id }, view.thresholds[kind].toFixed(2));
    const slider = element("input", { id, type: "range", min: "0.05", max: "0.95", step: "0.01", value: String(view.thresholds[kind]) });
    slider.addEventListener("input", () => {
      view.thresholds[kind] = Number(slider.value);
      output.textContent = view.thresholds[kind].toFixed(2);
      show();
    });
    const label = element("label", { htmlFor: id }, `${kind}s from`, output);
    return element("div", {}, label, slider);
  }));
}

async function detect() {
  if (!view.source) throw new Error("Choose a picture first.");
  view.pixels = shrink(view.source, Number(find("scale").value));
  const first = !view.answer;
  view.answer = await ask("/predict", { picture: encode(view.pixels), width: WIDTH, height: HEIGHT });
  if (first) {
    view.thresholds = { ...view.answer.thresholds };
    showSliders();
  }
  show();
}

async function attempt(action) {
  complain();
  try {
    await action();
  } catch (error) {
    complain(error.message);
  }
}

/** The pixels of anything that can be drawn, at most 1,600 on a side. */
function pixelsOf(picture) {
  const scale = Math.min(1, 1600 / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const context = element("canvas", { width, height }).getContext("2d", { willReadFrequently: true });
  context.fillStyle = `rgb(${GROUND})`;
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

const open = (file) => attempt(async () => {
  if (!file) return;
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) throw new Error("The file is no picture that this browser can read.");
  view.source = pixelsOf(picture);
  await detect();
});

find("file").addEventListener("change", ({ target }) => open(target.files[0]));
const stage = find("stage");
for (const [event, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  stage.addEventListener(event, (happened) => {
    happened.preventDefault();
    stage.classList.toggle("over", over);
    if (event === "drop") open(happened.dataTransfer.files[0]);
  });
}
find("scale").addEventListener("input", () => { if (view.source) attempt(detect); });
find("reset").addEventListener("click", () => {
  if (!view.answer) return;
  view.thresholds = { ...view.answer.thresholds };
  showSliders();
  show();
});

/** Circles like cells; `seed` places them. */
function drawn(seed) {
  let state = seed;
  const random = () => { state = (state * 16807) % 2147483647; return state / 2147483647; };
  const made = element("canvas", { width: WIDTH * 2, height: HEIGHT * 2 });
  const context = made.getContext("2d");
  context.scale(2, 2);
  const disc = (colour, x, y, radius) => {
    context.fillStyle = colour;
    context.beginPath();
    context.ellipse(x, y, radius, radius * (0.9 + 0.2 * random()), random() * 3, 0, 2 * Math.PI);
    context.fill();
  };
  context.fillStyle = `rgb(${GROUND})`;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  for (let row = 0; row < 4; row += 1) {
    for (let column = 0; column < 5; column += 1) {
      if (random() < 0.3 || (row === 1 && column === 2)) continue;
      const [x, y] = [(column + 0.3 + 0.4 * random()) * (WIDTH / 5), (row + 0.3 + 0.4 * random()) * (HEIGHT / 4)];
      disc("rgb(181 151 153)", x, y, 19 + 3 * random());
      disc("rgb(193 176 176)", x, y, 7);
    }
  }
  disc("rgb(176 150 196)", WIDTH / 2, HEIGHT * 0.37, 33);
  for (const [x, y] of [[-9, -7], [8, -6], [0, 9]]) disc("rgb(112 88 178)", WIDTH / 2 + x, HEIGHT * 0.37 + y, 14);
  for (let many = 0; many < 2; many += 1) disc("rgb(150 132 190)", 20 + 210 * random(), 15 + 160 * random(), 7);
  return made;
}

[3, 11].forEach((seed, number) => {
  const button = element("button", { type: "button", className: "plain" }, `drawing ${number + 1}`);
  button.addEventListener("click", () => attempt(async () => { view.source = pixelsOf(drawn(seed)); await detect(); }));
  find("drawn").append(button);
});
