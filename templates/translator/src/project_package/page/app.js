import { ask, complain, element } from "./service.js";

const EXAMPLES = [
  "Two dogs are playing in the snow.",
  "A woman in a red jacket is climbing a ladder.",
  "A young boy without shoes jumps into the water.",
  "Please send me the invoice by Friday.",
  "The court dismissed the appeal.",
];
const form = document.querySelector("#ask");
const result = document.querySelector("#result");
const place = (name) => document.querySelector(name);
const shown = (piece) => piece.replaceAll("▁", "\u00a0").replace("<end>", "end").replace("<unknown>", "unknown");
const percent = (share) => `${Math.round(share * 100)}`;

function show({ text, probability, unknown, source, pieces, attention, ...more }) {
  const others = more.others.filter((other) => other.text);
  place("#german").textContent = text;
  place("#sureness").textContent =
    `Each piece was given ${percent(probability)} % on average (geometric mean).` +
    (unknown ? ` ${unknown} of the source's pieces were never in training: it cannot know what they mean.` : "");
  place("#others").replaceChildren(
    ...(others.length ? others : [{ text: "nothing else: the search was one wide", probability: null }]).map((other) =>
      element("li", {}, other.text, " ", element("span", { className: "amount" },
        other.probability === null ? "" : `(${percent(other.probability)} % a piece)`))),
  );
  const head = element("tr", {}, element("th", { scope: "col" }, "written"),
    ...source.map((piece) => element("th", { scope: "col" }, shown(piece))));
  const rows = pieces.map((piece, number) =>
    element("tr", {}, element("th", { scope: "row", lang: "de" }, shown(piece)),
      ...attention[number].map((share) => {
        const cell = element("td", {}, share < 0.1 ? "" : percent(share));
        cell.style.background = `color-mix(in srgb, var(--accent) ${percent(share * 0.6)}%, transparent)`;
        return cell;
      })));
  place("#attention").replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
  result.hidden = false;
}

let latest = 0;

async function translate() {
  const request = ++latest;
  complain();
  try {
    const { translations } = await ask("/predict", { sentences: [form.sentence.value], beam: Number(form.beam.value) });
    if (request === latest) show(translations[0]);
  } catch (error) {
    if (request !== latest) return;
    result.hidden = true;
    complain(error.message);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  translate();
});

form.sentence.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

let waiting;
form.beam.addEventListener("input", () => {
  place("#width").value = form.beam.value;
  if (result.hidden) return;
  clearTimeout(waiting);
  waiting = setTimeout(translate, 150);
});

place("#examples").replaceChildren(
  ...EXAMPLES.map((text) => {
    const button = element("button", { type: "button", className: "plain" }, text);
    button.addEventListener("click", () => {
      form.sentence.value = text;
      translate();
    });
    return button;
  }),
);
