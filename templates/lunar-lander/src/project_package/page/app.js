import { ask, complain, element } from "./service.js";
import { Flight, HEIGHT, HULL, LEG, PAD, start, WIDTH } from "./physics.js";

const find = (id) => document.querySelector(`#${id}`);
const PILOT = { name: "It", colour: "#7db0ff" };
const YOU = { name: "You", colour: "#ffb454" };
const TICK = 1000 / 50;
const SLOW = 3; // times
const MANY = 100;
const FLAMES = [null, [20 / 30, 14 / 30], [0, -16 / 30], [-20 / 30, 14 / 30]]; // what fires on one side turns to the other

let run = 0; // grows with every start, so that an earlier flight ends
let held = 0; // the engine that the visitor fires
const points = (value) => `${Math.round(value)} points`;
const still = matchMedia("(prefers-reduced-motion: reduce)");

function conditions() {
  return { windPower: Number(find("wind").value), gravity: -Number(find("gravity").value), power: Number(find("power").value) / 100 };
}

/** A new landing: the first step only shows how it begins, as in Gymnasium. */
function begin(who, ground) {
  const flight = new Flight(ground, conditions());
  return { ...who, flight, seen: flight.step(0).observation, end: "" };
}

async function fly(racing) {
  complain();
  const mine = (run += 1);
  const ground = start();
  const landers = [begin(PILOT, ground), ...(racing ? [begin(YOU, ground)] : [])];
  held = 0;
  show(true, racing);
  find("status").textContent = racing ? "You fly the outlined one." : "It is flying …";
  let due = performance.now();
  try {
    while (mine === run && landers.some(({ end }) => !end)) {
      for (const lander of landers) if (!lander.end) await advance(lander);
      if (mine !== run) return;
      if (!still.matches || racing) {
        draw(landers);
        due = Math.max(due + TICK * (find("slow").checked ? SLOW : 1), performance.now() - TICK);
        await until(due);
      }
    }
    if (mine !== run) return;
    draw(landers);
    find("status").textContent = landers.map((each) => `${each.name} ${each.end}: ${points(each.flight.total)}.`).join(" ");
  } catch (error) {
    complain(error.message);
  }
  show(false, false);
}

/** One step of one lander, by its pilot or by the visitor. */
async function advance(lander) {
  let action = held;
  if (lander.name === PILOT.name) {
    const advice = await ask("/predict", { observation: lander.seen });
    action = advice.action;
    think(advice);
  }
  const { observation, end } = lander.flight.step(action);
  lander.seen = observation;
  lander.end = end;
}

async function flyMany() {
  complain();
  const mine = (run += 1);
  const totals = [];
  let landed = 0;
  show(true, false);
  try {
    while (totals.length < MANY) {
      const lander = begin(PILOT, start());
      while (!lander.end && mine === run) {
        const { action } = await ask("/predict", { observation: lander.seen });
        const { observation, end } = lander.flight.step(action);
        Object.assign(lander, { seen: observation, end });
      }
      if (mine !== run) return;
      totals.push(lander.flight.total);
      landed += lander.end === "landed" ? 1 : 0;
      if (totals.length % 5 === 0) {
        draw([lander]);
        tell(totals, landed);
        await until(performance.now());
      }
    }
  } catch (error) {
    complain(error.message);
  }
  show(false, false);
}

function tell(totals, landed) {
  const mean = totals.reduce((sum, each) => sum + each, 0) / totals.length;
  find("status").textContent = `${landed} of ${totals.length} landed; ${points(mean)} on average.`;
}

const until = (time) => new Promise((done) => setTimeout(() => requestAnimationFrame(done), Math.max(0, time - performance.now() - TICK / 2)));

let thought = 0;
function think({ engine, odds, expects }) {
  const now = performance.now();
  if (find("advice").textContent && now - thought < 100) return; // nobody reads faster
  thought = now;
  find("advice").textContent = `It fires: ${engine}.`;
  find("expects").textContent = `From here it expects about ${points(expects)} more.`;
  find("odds").replaceChildren(...Object.entries(odds).map(([name, chance]) => {
    const bar = element("span", { className: "bar good" });
    bar.style.width = `${chance * 100}%`;
    return element("li", {}, element("span", {}, name), bar, element("span", { className: "amount" }, `${Math.round(chance * 100)} %`));
  }));
}

function show(flying, racing) {
  find("stop").hidden = !flying;
  find("engines").hidden = !racing;
  for (const id of ["watch", "race", "many"]) find(id).hidden = flying;
}

function draw(landers) {
  const pen = find("sky").getContext("2d");
  const { width, height } = find("sky");
  const at = (x, y) => [(x / WIDTH) * width, height - (y / HEIGHT) * height];
  pen.fillStyle = "#10141c";
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = "#969ba5";
  trace(pen, [[0, 0], ...landers[0].flight.ground, [WIDTH, 0]].map((point) => at(...point)));
  pen.fill();
  pen.strokeStyle = "#ffdc5a";
  pen.lineWidth = 4;
  for (const side of [-1, 1]) {
    const x = WIDTH / 2 + (side * WIDTH) / 10;
    trace(pen, [at(x, PAD), at(x, PAD + 1.4), at(x + 0.8, PAD + 1.1), at(x, PAD + 0.8)]);
    pen.stroke();
  }
  for (const lander of landers) drawLander(pen, at, lander);
}

function drawLander(pen, at, { flight, colour, name }) {
  const corners = (body, outline) => {
    const { x, y } = body.getPosition();
    const [sine, cosine] = [Math.sin(body.getAngle()), Math.cos(body.getAngle())];
    return outline.map(([px, py]) => at(x + px * cosine - py * sine, y + px * sine + py * cosine));
  };
  const leg = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([x, y]) => [x * LEG.width, y * LEG.height]);
  pen.fillStyle = colour;
  pen.strokeStyle = colour;
  pen.lineWidth = 3;
  for (const outline of [...flight.legs.map((each) => corners(each, leg)), corners(flight.hull, HULL)]) {
    trace(pen, outline);
    if (name === YOU.name) pen.stroke(); // an outline, so that colour is not needed to tell them apart
    else pen.fill();
  }
  if (FLAMES[flight.fired] && flight.hull.isAwake()) {
    const [[x, y]] = corners(flight.hull, [FLAMES[flight.fired]]);
    pen.fillStyle = "#ffaa3c";
    pen.beginPath();
    pen.arc(x, y, flight.fired === 2 ? 11 : 7, 0, 2 * Math.PI);
    pen.fill();
  }
}

function trace(pen, outline) {
  pen.beginPath();
  outline.forEach(([x, y], place) => (place ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}

function hold(action) {
  held = action;
  for (const button of find("engines").children) button.classList.toggle("held", Number(button.dataset.action) === action);
}

const KEYS = { ArrowLeft: 1, ArrowUp: 2, ArrowRight: 3 };
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !find("stop").hidden) stop();
  if (find("engines").hidden || !(event.key in KEYS)) return;
  event.preventDefault();
  hold(KEYS[event.key]);
});
addEventListener("keyup", (event) => {
  if (KEYS[event.key] === held) hold(0);
});
for (const button of find("engines").children) {
  button.addEventListener("pointerdown", () => hold(Number(button.dataset.action)));
  for (const ends of ["pointerup", "pointerleave", "pointercancel"]) button.addEventListener(ends, () => hold(0));
  button.addEventListener("keydown", ({ key }) => [" ", "Enter"].includes(key) && hold(Number(button.dataset.action)));
  button.addEventListener("keyup", () => hold(0));
}

function stop() {
  run += 1;
  show(false, false);
  find("status").textContent = "Stopped.";
}

const shown = { wind: (value) => (value === "0" ? "none" : value), gravity: (value) => value, power: (value) => `${value} %` };
for (const [id, told] of Object.entries(shown)) {
  find(id).addEventListener("input", () => { find(`${id}-shown`).textContent = told(find(id).value); });
}
find("watch").addEventListener("click", () => fly(false));
find("race").addEventListener("click", () => fly(true));
find("many").addEventListener("click", flyMany);
find("stop").addEventListener("click", stop);
draw([begin(PILOT, start())]);
