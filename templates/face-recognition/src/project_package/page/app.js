import { ask, complain, element, get } from "./service.js";

const [WIDTH, HEIGHT] = [92, 112]; // pixels that the model sees
const STORE = "face-recognition";
const LOOKS = [
  { name: "round", wide: 30, eyes: 12, mouth: 10, skin: "#c9c9c9", hair: "#2b2b2b" },
  { name: "long", wide: 23, eyes: 9, mouth: 15, skin: "#a5a5a5", hair: "#6f6f6f" },
];

const find = (id) => document.querySelector(`#${id}`);
const [frame, video] = [find("frame"), find("video")];
const view = { picture: null, size: 1, across: 0, down: 0 };

// Who is enrolled: {model, people: {name: [descriptor, ...]}}, in this browser alone.
let enrolled = { model: "", people: {} };

function keep() {
  try {
    if (Object.keys(enrolled.people).length) localStorage.setItem(STORE, JSON.stringify(enrolled));
    else localStorage.removeItem(STORE);
  } catch {
    complain("This browser keeps nothing: who is enrolled is forgotten when the page closes.");
  }
  showPeople();
}

async function restore() {
  const { model_sha256: model } = await get("/version").catch(() => ({}));
  enrolled.model = model ?? "";
  try {
    const stored = JSON.parse(localStorage.getItem(STORE));
    if (stored?.model === enrolled.model) enrolled = stored;
    else localStorage.removeItem(STORE); // numbers of another model compare with nothing
  } catch { /* nothing can be kept here */ }
  showPeople();
}

function showPeople() {
  const people = Object.entries(enrolled.people);
  find("people").replaceChildren(...people.map(([name, pictures]) => {
    const button = element("button", { type: "button", className: "plain" }, `Forget ${name}`);
    button.addEventListener("click", () => forget(name));
    return element("li", {}, `${name}, ${pictures.length} picture${pictures.length > 1 ? "s" : ""}`, button);
  }));
  if (!people.length) find("people").append(element("li", {}, "Nobody yet."));
}

function forget(name) {
  delete enrolled.people[name];
  find("result").hidden = true;
  keep();
  find("name").focus();
}

/** The picture behind the frame, drawn on a canvas of any size. */
function draw(canvas) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#777";
  context.fillRect(0, 0, canvas.width, canvas.height);
  if (!view.picture) return context;
  const { width, height } = view.picture;
  const scale = Math.max(canvas.width / width, canvas.height / height) * view.size;
  const left = (canvas.width - width * scale) / 2 + view.across * canvas.width;
  const top = (canvas.height - height * scale) / 2 + view.down * canvas.height;
  context.imageSmoothingQuality = "high";
  context.drawImage(view.picture, left, top, width * scale, height * scale);
  return context;
}

function show() {
  const context = draw(frame);
  context.strokeStyle = "#fff";
  context.lineWidth = 3;
  context.setLineDash([8, 6]);
  context.beginPath();
  context.ellipse(frame.width / 2, frame.height * 0.52, frame.width * 0.37, frame.height * 0.43, 0, 0, 2 * Math.PI);
  context.stroke();
  for (const name of ["size", "across", "down"]) find(name).value = view[name];
}

/** Grey levels as the model sees them, a byte each, in base64. */
function pixels() {
  if (!view.picture) throw new Error("Choose a picture first, or take one.");
  const canvas = element("canvas", { width: WIDTH, height: HEIGHT });
  const { data } = draw(canvas).getImageData(0, 0, WIDTH, HEIGHT);
  const grey = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, place) => (
    Math.round(0.299 * data[place * 4] + 0.587 * data[place * 4 + 1] + 0.114 * data[place * 4 + 2])
  ));
  return btoa(String.fromCharCode(...grey));
}

async function lay(picture) {
  Object.assign(view, { picture, size: 1, across: 0, down: 0 });
  if ("FaceDetector" in globalThis) { // few browsers have it; elsewhere the visitor frames the face
    const [found] = await new FaceDetector().detect(picture).catch(() => []);
    if (found) centre(found.boundingBox, picture);
  }
  complain();
  find("result").hidden = true;
  show();
}

function centre(box, { width, height }) {
  const fit = Math.max(frame.width / width, frame.height / height);
  view.size = Math.min(4, Math.max(0.3, (frame.height * 0.7) / (box.height * fit)));
  view.across = ((width / 2 - box.x - box.width / 2) * fit * view.size) / frame.width;
  view.down = ((height / 2 - box.y - box.height * 0.45) * fit * view.size) / frame.height;
}

/** A face of a few ovals, nobody's. */
function drawn({ wide, eyes, mouth, skin, hair }) {
  const canvas = element("canvas", { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext("2d");
  const oval = (colour, x, y, across, down) => {
    context.fillStyle = colour;
    context.beginPath();
    context.ellipse(x, y, across, down, 0, 0, 2 * Math.PI);
    context.fill();
  };
  context.fillStyle = "#555";
  context.fillRect(0, 0, WIDTH, HEIGHT);
  oval(hair, 46, 48, wide + 5, 40);
  oval(skin, 46, 60, wide, 36);
  for (const side of [-1, 1]) {
    oval("#eee", 46 + side * eyes, 52, 5, 3);
    oval("#111", 46 + side * eyes, 52, 2.4, 2.4);
    oval(hair, 46 + side * eyes, 44, 6, 1.6);
  }
  oval("#777", 46, 66, 3, 2);
  oval("#444", 46, 78, mouth, 2.2);
  return canvas;
}

const percent = (share) => `${Math.round(share * 100)} %`;

function tell(answer) {
  const { known, nearest, likeness, threshold, distance, usual, people } = answer;
  const verdict = find("verdict");
  verdict.textContent = known ? `${nearest}, it says` : nearest ? "Nobody whom it knows, it says" : "Nobody is enrolled yet";
  verdict.className = `verdict ${known ? "good" : "bad"}`;
  find("sentence").textContent = nearest
    ? `Most alike is ${nearest}: ${percent(likeness)}. It takes two pictures for one person above ${percent(threshold)}.`
    : "Enrol this picture under a name, then show another one.";
  find("remark").textContent = distance > usual
    ? "The picture is unlike the faces that it learned from (lit otherwise, badly framed, or none), so it names nobody." : "";
  find("bars").replaceChildren(...people.map(([name, alike]) => {
    const bar = element("span", { className: "bar" });
    bar.style.width = `${Math.max(0, alike) * 100}%`;
    return element("li", {}, element("span", {}, name), bar, element("span", { className: "amount" }, percent(alike)));
  }));
  find("result").hidden = false;
}

async function attempt(action) {
  complain();
  try {
    await action();
  } catch (error) {
    find("result").hidden = true;
    complain(error.message);
  }
}

const recognise = () => attempt(async () => tell(await ask("/predict", { picture: pixels(), gallery: enrolled.people })));

find("recognise").addEventListener("click", recognise);
find("enrolment").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const name = find("name").value.trim();
    if (!name) throw new Error("Say whose face it is.");
    const { descriptor } = await ask("/predict", { picture: pixels() });
    const known = Object.hasOwn(enrolled.people, name) ? enrolled.people[name] : [];
    enrolled.people = { ...enrolled.people, [name]: [...known, descriptor] };
    find("result").hidden = true;
    keep();
  });
});

find("file").addEventListener("change", ({ target }) => attempt(async () => {
  if (!target.files[0]) return;
  const picture = await createImageBitmap(target.files[0]).catch(() => null);
  if (!picture) throw new Error("The file is no picture that this browser can read.");
  await lay(picture);
}));

function stop() {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  video.hidden = find("take").hidden = true;
}

find("camera").addEventListener("click", () => attempt(async () => {
  if (video.srcObject) return stop();
  video.srcObject = await navigator.mediaDevices?.getUserMedia({ video: { facingMode: "user" } })
    .catch(() => null) ?? null;
  if (!video.srcObject) throw new Error("There is no camera, or it may not be used: choose a picture.");
  video.hidden = find("take").hidden = false;
  await video.play();
}));
find("take").addEventListener("click", () => attempt(async () => {
  await lay(await createImageBitmap(video));
  stop();
}));

for (const name of ["size", "across", "down"]) {
  find(name).addEventListener("input", ({ target }) => { view[name] = Number(target.value); show(); });
}
let last = null;
frame.addEventListener("pointerdown", (event) => { frame.setPointerCapture(event.pointerId); last = event; });
frame.addEventListener("pointermove", (event) => {
  if (!last) return;
  view.across += (event.clientX - last.clientX) / frame.clientWidth;
  view.down += (event.clientY - last.clientY) / frame.clientHeight;
  last = event;
  show();
});
for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, () => { last = null; });

for (const looks of LOOKS) {
  const button = element("button", { type: "button", className: "plain" }, looks.name);
  button.addEventListener("click", async () => { await lay(drawn(looks)); await recognise(); });
  find("drawn").append(button);
}
show();
restore();
