import { ask, complain, element, get } from "./service.js";

const SLOTS = 48, NOON = 24, DAY = 86_400_000;
const WIDTH = 660, HEIGHT = 260, LEFT = 40, BOTTOM = 30;
const field = (id) => document.querySelector(`#${id}`);
const names = { "level of this morning": "this morning's level", "miss of this morning": "this morning's miss" };
const clock = (slot) => `${String(Math.floor(slot / 2)).padStart(2, "0")}:${slot % 2 ? "30" : "00"}`;
let usual;

/** The kind of a day: working, Saturday, Sunday. */
function kind(time) {
  const weekday = new Date(time).getUTCDay();
  return weekday === 0 ? 2 : weekday === 6 ? 1 : 0;
}

/** Usual days up to noon today; only today is as the visitor says. */
function made() {
  const tomorrow = Date.parse(`${field("date").value}T00:00Z`);
  const demand = [], temperature = [], factor = 1 + Number(field("level").value) / 100;
  for (let back = usual.days + 1; back >= 1; back--) {
    const which = kind(tomorrow - back * DAY), slots = back === 1 ? NOON : SLOTS;
    const warmer = back === 1 ? Number(field("noon").value) - usual.temperature[which][NOON - 1] : 0;
    for (let slot = 0; slot < slots; slot++) {
      demand.push(usual.demand[which][slot] * (back === 1 ? factor : 1));
      temperature.push(usual.temperature[which][slot] + (warmer * (slot + 1)) / NOON);
    }
  }
  return { demand, temperature };
}

/** What was pasted: two numbers a line. */
function pasted(text) {
  const rows = text.trim().split(/\r?\n/).map((line) => line.split(/[,;\t ]+/).filter(Boolean).map(Number));
  const wrong = rows.findIndex((row) => row.length !== 2 || row.some(Number.isNaN));
  if (wrong >= 0) throw new Error(`Line ${wrong + 1} is not two numbers: demand, temperature.`);
  return { demand: rows.map(([first]) => first), temperature: rows.map(([, second]) => second) };
}

function draw(known, { demand, bands }) {
  const [[, likely], [, sure]] = Object.entries(bands);
  const shown = known.slice(-SLOTS - NOON);
  const top = Math.max(...shown, ...sure.high) * 1.03, low = Math.min(...shown, ...sure.low) * 0.97;
  const x = (slot) => LEFT + (slot / (3 * SLOTS - 1)) * (WIDTH - LEFT - 5);
  const y = (value) => 5 + ((top - value) / (top - low)) * (HEIGHT - BOTTOM - 5);
  const points = (values, from) => values.map((value, slot) => `${x(from + slot).toFixed(1)},${y(value).toFixed(1)}`);
  const shape = (tag, properties) => {
    const node = document.createElementNS(field("chart").namespaceURI, tag);
    for (const [name, value] of Object.entries(properties)) node.setAttribute(name, value);
    return node;
  };
  const text = (words, properties) => {
    const node = shape("text", properties);
    node.textContent = words;
    return node;
  };
  const area = ({ low: under, high: over }, name) =>
    shape("polygon", { class: name, points: [...points(over, 2 * SLOTS), ...points(under, 2 * SLOTS).reverse()].join(" ") });
  const marks = [low + (top - low) * 0.1, (low + top) / 2, low + (top - low) * 0.9];
  field("chart").replaceChildren(
    field("chart-title"),
    ...marks.flatMap((value) => [
      shape("path", { class: "axis", d: `M${LEFT} ${y(value)}H${WIDTH}` }),
      text(value.toFixed(1), { x: 0, y: y(value) + 5 }),
    ]),
    ...["yesterday", "today", "tomorrow"].map((words, day) => text(words, { x: x(day * SLOTS + 14), y: HEIGHT - 8 })),
    ...[1, 2].map((day) => shape("path", { class: "axis", d: `M${x(day * SLOTS)} 5V${HEIGHT - BOTTOM}` })),
    area(sure, "sure"), area(likely, "likely"),
    shape("polyline", { class: "known", points: points(shown, 0).join(" ") }),
    shape("polyline", { class: "said", points: points(demand, 2 * SLOTS).join(" ") }),
  );
}

function show(known, found) {
  const { demand, bands, effects, base } = found;
  const [[inner], [level, sure]] = Object.entries(bands);
  field("inner").textContent = `${Math.round(inner * 100)} % band`;
  field("outer").textContent = `${Math.round(level * 100)} % band`;
  const highest = Math.max(...demand), slot = demand.indexOf(highest);
  const range = `${sure.low[slot].toFixed(2)} to ${sure.high[slot].toFixed(2)} GW`;
  field("peak").textContent = `Highest at ${clock(slot)}: ${highest.toFixed(2)} GW`;
  field("band").textContent = `${range} then, in a band meant to hold ${Math.round(level * 100)} % of the half-hours. It starts from ${base}, the last day of its kind.`;
  field("chart-title").textContent = `Demand of yesterday and this morning, and tomorrow's forecast: lowest ${Math.min(...demand).toFixed(2)}, highest ${highest.toFixed(2)} GW at ${clock(slot)}, ${range}`;
  draw(known, found);
  const largest = Math.max(...effects.map(([, effect]) => Math.abs(effect)), 1e-9);
  field("effects").replaceChildren(...effects.map(([name, effect]) => {
    const bar = element("span", { className: `bar ${effect > 0 ? "bad" : "good"}` });
    bar.style.width = `${(Math.abs(effect) / largest) * 100}%`;
    const amount = `${effect < 0 ? "−" : "+"}${Math.abs(effect * 100).toFixed(1)} %`;
    return element("li", {}, element("span", {}, names[name] ?? name), bar, element("span", { className: "amount" }, amount));
  }));
  field("hours").replaceChildren(...demand.flatMap((value, at) => at % 2 ? [] : [element("tr", {},
    element("td", {}, clock(at)), element("td", { className: "number" }, value.toFixed(2)),
    element("td", { className: "number" }, `${sure.low[at].toFixed(2)} to ${sure.high[at].toFixed(2)}`))]));
  field("result").hidden = false;
}

function showLevel() {
  const level = Number(field("level").value);
  field("shown").textContent = `${level < 0 ? "−" : level > 0 ? "+" : ""}${Math.abs(level)} %`;
}

field("level").addEventListener("input", showLevel);
showLevel();

field("morning").addEventListener("submit", async (event) => {
  event.preventDefault();
  complain();
  try {
    const date = field("date").value, own = field("own").value.trim();
    const known = own ? pasted(own) : made();
    const holidays = field("holiday").checked ? [date] : [];
    show(known.demand, await ask("/predict", { date, ...known, holidays }));
  } catch (error) {
    field("result").hidden = true;
    complain(error.message);
  }
});

get("/usual").then(
  (found) => {
    usual = found;
    field("noon").value = found.temperature[0][NOON - 1].toFixed(1);
    field("needed").textContent = found.days;
  },
  (error) => complain(error.message),
);
