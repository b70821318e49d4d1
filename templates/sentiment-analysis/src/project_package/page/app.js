import { ask, complain, element } from "./service.js";

const LOWEST = -4, HIGHEST = 4;
const SOME = 0.1; // of a point: less than that is not worth a colour
const MOST_ROWS = 6;

const form = document.querySelector("#snippet");
const result = document.querySelector("#result");
let latest = 0;

function signed(number) {
  const size = Math.abs(number).toFixed(2);
  return size === "0.00" ? size : `${number < 0 ? "−" : "+"}${size}`;
}

function place(rating) {
  return `${((rating - LOWEST) / (HIGHEST - LOWEST)) * 100}%`;
}

function verdict({ rating, low, high }) {
  const size = Math.abs(rating);
  if (size < 0.5) return "Neutral";
  const side = rating > 0 ? "positive" : "negative";
  if (low === null || (low < 0 && high > 0)) return `Probably ${side}`;
  return `${size < 1.25 ? "Slightly" : size < 2.25 ? "Clearly" : "Strongly"} ${side}`;
}

function sentence({ rating, low, high, coverage, vader }) {
  const range = low === null
    ? "The model was not taught this kind of text, so nobody knows how far off it may be."
    : `The range meant to hold people's average in ${Math.round(coverage * 100)} of 100 texts: ${signed(low)} to ${signed(high)}.`;
  return `The model rates it ${signed(rating)}, VADER ${signed(vader)}. ${range}`;
}

function showScale({ rating, low, high, vader }) {
  document.querySelector("#model-mark").style.left = place(rating);
  document.querySelector("#vader-mark").style.left = place(vader);
  const range = document.querySelector("#range");
  range.hidden = low === null;
  if (low !== null) {
    range.style.left = place(low);
    range.style.right = `calc(100% - ${place(high)})`;
  }
}

function showWords(words) {
  const largest = Math.max(...words.map(({ model }) => Math.abs(model)), 1);
  document.querySelector("#words").replaceChildren(
    ...words.flatMap(({ word, model }) => {
      const marked = element("span", { title: `${signed(model)}` }, word);
      if (Math.abs(model) >= SOME) {
        marked.className = model > 0 ? "good" : "bad";
        marked.style.setProperty("--share", `${15 + (Math.abs(model) / largest) * 45}%`);
      }
      return [marked, " "];
    }),
  );
  const weight = ({ model, vader }) => Math.max(Math.abs(model), Math.abs(vader));
  const strongest = [...words].sort((a, b) => weight(b) - weight(a)).slice(0, MOST_ROWS);
  document.querySelector("#strongest").replaceChildren(
    ...strongest.map(({ word, model, vader }) => element("tr", {},
      element("td", {}, word),
      element("td", { className: "number" }, signed(model)),
      element("td", { className: "number" }, signed(vader)))),
  );
}

function show(opinion) {
  const { rating, words } = opinion;
  const heading = document.querySelector("#verdict");
  heading.textContent = verdict(opinion);
  heading.className = `verdict ${rating >= 0.5 ? "good" : rating <= -0.5 ? "bad" : ""}`;
  document.querySelector("#sentence").textContent = sentence(opinion);
  showScale(opinion);
  showWords(words);
  result.hidden = false;
}

async function rate() {
  const mine = ++latest; // an answer that comes late must not replace a newer one
  complain();
  try {
    const snippet = { text: form.text.value, kind: form.kind.value };
    const { opinions } = await ask("/predict", { snippets: [snippet] });
    if (mine === latest) show(opinions[0]);
  } catch (error) {
    if (mine !== latest) return;
    result.hidden = true;
    complain(error.message);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  rate();
});

form.kind.addEventListener("change", () => {
  if (!result.hidden) rate();
});

for (const example of document.querySelectorAll(".examples button")) {
  example.addEventListener("click", () => {
    form.text.value = example.dataset.text;
    form.kind.value = example.dataset.kind;
    rate();
  });
}
