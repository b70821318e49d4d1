import { ask, complain, element } from "./service.js";

const LONGEST_EDGE = 1024; // pixels; the network sees 28
const PEN = 22;
const STEP = 10; // of the pen, by keyboard

const SHAPES = {
  "T-shirt": "M95 40 L55 60 L20 115 L60 140 L80 115 L80 245 L200 245 L200 115 L220 140 L260 115 L225 60 L185 40 Q140 75 95 40 Z",
  trousers: "M90 20 L190 20 L205 260 L160 260 L142 90 L138 90 L120 260 L75 260 Z",
  bag: "M30 110 L95 110 Q95 35 140 35 Q185 35 185 110 L250 110 L250 240 L30 240 Z M112 110 L168 110 Q168 55 140 55 Q112 55 112 110 Z",
  "ankle boot": "M95 30 L195 30 L190 150 Q255 165 262 215 L262 245 L120 245 L118 228 L105 245 L80 245 Z",
};

const sheet = document.querySelector("#sheet");
const pen = sheet.getContext("2d", { willReadFrequently: true });
const result = document.querySelector("#result");
const drop = document.querySelector("#drop");

/** A picture as base64, without the "data:" before it. */
async function encode(blob) {
  const address = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error("The file cannot be read."));
    reader.readAsDataURL(blob);
  });
  return address.slice(address.indexOf(",") + 1);
}

/** Scaled down as the camera was held; what the browser cannot read goes as it is, to be refused. */
async function scaleDown(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return file;
  }
  const scale = Math.min(1, LONGEST_EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = element("canvas", {
    width: Math.max(1, Math.round(bitmap.width * scale)),
    height: Math.max(1, Math.round(bitmap.height * scale)),
  });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function percent(share) {
  return share > 0.999 ? "over 99.9 %" : share < 0.001 ? "under 0.1 %" : `${(share * 100).toFixed(1)} %`;
}

function showSeen(pixels) {
  const context = document.querySelector("#seen").getContext("2d");
  const image = context.createImageData(28, 28);
  pixels.flat().forEach((grey, place) => image.data.set([grey, grey, grey, 255], place * 4));
  context.putImageData(image, 0, 0);
}

/** Each window's effect, laid over the picture; windows overlap, so their effects are averaged. */
function showMap(pixels, occlusion) {
  const total = pixels.map((row) => row.map(() => 0));
  const count = pixels.map((row) => row.map(() => 0));
  const stride = 3;
  const size = 28 - stride * (occlusion.length - 1);
  occlusion.forEach((row, top) => row.forEach((fall, left) => {
    for (let y = top * stride; y < top * stride + size; y += 1) {
      for (let x = left * stride; x < left * stride + size; x += 1) {
        total[y][x] += fall;
        count[y][x] += 1;
      }
    }
  }));
  const effect = total.map((row, y) => row.map((sum, x) => Math.max(0, sum / count[y][x])));
  const largest = Math.max(...effect.flat(), 0.02);
  const context = document.querySelector("#map").getContext("2d");
  pixels.forEach((row, y) => row.forEach((grey, x) => {
    const heat = effect[y][x] / largest;
    const mix = (colour) => Math.round(grey * 0.75 * (1 - heat * 0.75) + colour * heat * 0.75);
    context.fillStyle = `rgb(${mix(245)} ${mix(158)} ${mix(11)})`;
    context.fillRect(x * 10, y * 10, 10, 10);
  }));
}

async function show(found) {
  const { label, probability, sure, threshold, probabilities, pixels, remark } = found;
  const verdict = document.querySelector("#verdict");
  const name = label.charAt(0).toUpperCase() + label.slice(1);
  verdict.textContent = sure ? name : `Perhaps: ${label}`;
  verdict.className = `verdict ${sure ? "good" : "bad"}`;
  document.querySelector("#sentence").textContent = sure
    ? `Confidence ${percent(probability)}; it answers from ${percent(threshold)} on.`
    : `Confidence ${percent(probability)}, below ${percent(threshold)}: here it would ask a person.`;
  document.querySelector("#remark").textContent = remark;
  showSeen(pixels);
  showMap(pixels, [[0]]);
  const ranked = Object.entries(probabilities).sort(([, one], [, other]) => other - one);
  document.querySelector("#bars").replaceChildren(
    ...ranked.map(([kind, chance]) => {
      const bar = element("span", { className: "bar" });
      bar.style.width = `${chance * 100}%`;
      const amount = element("span", { className: "amount" }, `${(chance * 100).toFixed(1)} %`);
      return element("li", {}, element("span", {}, kind), bar, amount);
    }),
  );
  result.hidden = false;
  result.scrollIntoView({ block: "nearest" });
  await painted();
  showMap(pixels, found.occlusion); // last, as in the demo it is worked out only now
}

function painted() {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}

async function recognise(blob) {
  complain();
  try {
    const { verdicts } = await ask("/predict", { images: [await encode(blob)] });
    await show(verdicts[0]);
  } catch (error) {
    result.hidden = true;
    complain(error.message);
  }
}

async function recogniseFile(file) {
  if (file) await recognise(await scaleDown(file));
}

function recogniseDrawing() {
  sheet.toBlob(recognise, "image/png");
}

function clear() {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, sheet.width, sheet.height);
}

function line(from, to) {
  pen.strokeStyle = "#222";
  pen.lineWidth = PEN;
  pen.lineCap = "round";
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x, to.y);
  pen.stroke();
}

function place(event) {
  const box = sheet.getBoundingClientRect();
  const scale = sheet.width / box.width;
  return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
}

let last = null;
sheet.addEventListener("pointerdown", (event) => {
  sheet.setPointerCapture(event.pointerId);
  last = place(event);
  line(last, last);
});
sheet.addEventListener("pointermove", (event) => {
  if (!last) return;
  const here = place(event);
  line(last, here);
  last = here;
});
for (const end of ["pointerup", "pointercancel"]) {
  sheet.addEventListener(end, () => { last = null; });
}

const keyboard = { x: 140, y: 140, down: false };
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
sheet.addEventListener("keydown", (event) => {
  const before = { x: keyboard.x, y: keyboard.y };
  if (event.key === " ") {
    keyboard.down = !keyboard.down;
  } else if (event.key in MOVES) {
    const [right, down] = MOVES[event.key];
    keyboard.x = Math.min(sheet.width, Math.max(0, keyboard.x + right * STEP));
    keyboard.y = Math.min(sheet.height, Math.max(0, keyboard.y + down * STEP));
  } else {
    return;
  }
  event.preventDefault();
  if (keyboard.down) line(before, keyboard);
  const state = keyboard.down ? "down" : "up";
  sheet.setAttribute("aria-label", `Sheet to draw on; pen ${state} at ${keyboard.x}, ${keyboard.y}`);
});

document.querySelector("#recognise").addEventListener("click", recogniseDrawing);
document.querySelector("#clear").addEventListener("click", clear);
document.querySelector("#file").addEventListener("change", (event) => recogniseFile(event.target.files[0]));
for (const kind of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop") recogniseFile(event.dataTransfer.files[0]);
  });
}
for (const [name, path] of Object.entries(SHAPES)) {
  const button = element("button", { type: "button", className: "plain" }, name);
  button.addEventListener("click", () => {
    clear();
    pen.fillStyle = "#444";
    pen.fill(new Path2D(path), "evenodd");
    recogniseDrawing();
  });
  document.querySelector("#examples").append(button);
}
clear();
