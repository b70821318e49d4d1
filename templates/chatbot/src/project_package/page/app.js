import { ask, complain, element } from "./service.js";

const form = document.querySelector("#say");
const log = document.querySelector("#log");
const MOST = 20; // texts that one conversation holds
const WAYS = {
  intent: "understood as an intent",
  slot: "taken as the answer to what was asked",
  correction: "taken as a correction of what was understood before",
  "follow-up": "taken as the same wish, with something changed",
  knowledge: "found among the questions of the knowledge base",
  repeated: "asked to say it again",
  cancelled: "asked to stop",
  unknown: "no intent reached the threshold, and no question of the knowledge base is alike",
  person: "handed over: it was asked for, or too much was not understood",
};
let turns = [];

const plainly = (name) => name.replaceAll("_", " ");
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

function list(heading, rows) {
  const items = rows.map(([name, value]) =>
    element("li", {}, element("span", {}, name), element("span", { className: "amount" }, value)));
  return [element("h3", {}, heading), element("ul", { className: "pairs" }, ...items)];
}

/** Why the assistant answered so: closed until somebody asks. */
function reasons(answer) {
  const { way, intent, score, threshold, guesses, words, slots, question } = answer;
  const verdict = score >= threshold ? "reaches" : "does not reach";
  const parts = [
    element("p", {}, `${WAYS[way][0].toUpperCase()}${WAYS[way].slice(1)}.`),
    element("p", {}, `The best score, ${signed(score)}, ${verdict} the threshold of ${signed(threshold)}` +
      `${intent ? `: ${plainly(intent)}` : ""}.`),
  ];
  if (question) parts.push(element("p", {}, `Question of the knowledge base: ${question}`));
  parts.push(...list("Likeliest intents", guesses.map(([name, value]) => [plainly(name), signed(value)])));
  const telling = words.filter(([, value]) => Math.abs(value) >= 0.005);
  if (telling.length) parts.push(...list(`Words for or against ${plainly(guesses[0][0])}`, telling.map(([word, value]) => [word, signed(value)])));
  if (Object.keys(slots).length) parts.push(...list("Remembered", Object.entries(slots)));
  return element("details", {}, element("summary", {}, "Why?"), ...parts);
}

function add(who, text, ...more) {
  const said = element("li", { className: who }, element("span", { className: "who" }, who === "you" ? "You: " : "Assistant: "),
    element("span", { className: "said" }, text), ...more);
  log.append(said);
  said.scrollIntoView({ block: "nearest" });
}

function startOver() {
  turns = [];
  log.replaceChildren();
  complain();
  form.text.focus();
}

async function say(text) {
  complain();
  if (turns.length === MOST) {
    complain("One conversation holds 20 texts. Start over to go on.");
    return;
  }
  try {
    const answer = await ask("/predict", { turns: [...turns, text] });
    turns.push(text);
    add("you", text);
    add("assistant", answer.reply, reasons(answer));
    form.text.value = "";
  } catch (error) {
    complain(error.message);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (form.text.value.trim()) say(form.text.value);
});
document.querySelector("#over").addEventListener("click", startOver);
for (const button of document.querySelectorAll("#examples button")) {
  button.addEventListener("click", () => say(button.textContent));
}
