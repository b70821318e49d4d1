// The conversation in the browser: what dialogue.py does, function by function.

const MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december";
const DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday";
const DATE = new RegExp(
  "\\b(?:today|tonight|tomorrow|the day after tomorrow|next (?:week|month|year)|" +
    `(?:next |this )?(?:${DAYS})|in \\d+ (?:day|week|month)s?|` +
    `(?:${MONTHS}) \\d\\d?(?:st|nd|rd|th)?|\\d\\d?(?:st|nd|rd|th)? (?:of )?(?:${MONTHS})|` +
    "\\d{4}-\\d\\d-\\d\\d)\\b",
);
const MONEY = /[$€£] ?\d[\d,]*(?:\.\d+)?|\b\d[\d,]*(?:\.\d+)? ?(?:dollars?|euros?|pounds?|bucks)\b/;
const NUMBER = /\b\d[\d,]*(?:\.\d+)?/;
const CORRECTED = /^(?:(?:no|nope|sorry|wait|actually)[, ]+)*(?:i meant?|i said|make it) /;
const FOLLOWS = /^(?:and|what about|how about|and what about) /;
const PERSON = new RegExp(
  "\\b(?:talk|speak|connect|hand|put)\\b[^\\n]*\\b(?:person|human|agent|somebody|someone|operator)\\b" +
    "|^(?:a )?(?:person|human|agent|operator)(?: please)?$",
);

const NOTHING = { intent: null, slots: {}, asked: null, missed: 0, reply: "" };

/** Small letters and digits with one space between, as data.normalise. */
export function normalise(text) {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
}

/** The last turn of a conversation. */
export function converse(texts, understand, answers, split) {
  let turn = null;
  for (const text of texts) turn = answer(turn?.state ?? NOTHING, text, understand, answers, split);
  return turn;
}

function answer(state, text, understand, answers, split) {
  const plain = split(text.toLowerCase()).join(" ");
  const rest = plain.replace(CORRECTED, "");
  const corrected = rest !== plain;
  const follows = FOLLOWS.test(plain);
  const found = findSlots(rest, answers.slots, state.asked);
  const understood = understand(rest);
  const turn = (next, way, question = null) => ({ state: next, way, found, understood, question });
  const said = (reply) => ({ ...NOTHING, reply });

  if (PERSON.test(plain)) return turn(said(answers.replies.person), "person");
  if (state.intent && Object.keys(found).length && (state.asked in found || corrected || follows)) {
    return turn(fill(state, state.intent, found, answers), corrected ? "correction" : follows ? "follow-up" : "slot");
  }
  const entry = nearest(rest, answers.knowledge, answers.closeness);
  if (entry) return turn({ ...state, asked: null, missed: 0, reply: entry.answer }, "knowledge", entry.question);
  if (understood.intent === "cancel") return turn(said(answers.replies.cancelled), "cancelled");
  if (understood.intent === "repeat" && state.reply) return turn(state, "repeated");
  if (understood.intent) return turn(fill(state, understood.intent, found, answers), corrected ? "correction" : "intent");
  const missed = state.missed + 1;
  if (missed > answers.patience) return turn(said(answers.replies.person), "person");
  const again = state.asked ? ` ${answers.slots[state.asked].ask}` : "";
  return turn({ ...state, missed, reply: answers.replies.unknown + again }, "unknown");
}

function findSlots(text, slots, asked) {
  const found = {};
  const date = text.match(DATE);
  if (date) {
    found.date = date[0];
    text = text.replace(date[0], " ");
  }
  const money = text.match(MONEY) ?? (asked === "amount" ? text.match(NUMBER) : null);
  if (money) found.amount = money[0].trim();
  const words = ` ${normalise(text)} `;
  const longest = [...slots.city.values].sort((one, other) => other.length - one.length);
  const city = longest.find((name) => words.includes(` ${normalise(name)} `));
  if (city) found.city = city;
  return found;
}

function countWords(text) {
  const words = new Map();
  for (const word of normalise(text).split(" ").filter(Boolean)) words.set(word, (words.get(word) ?? 0) + 1);
  return words;
}

function nearest(text, knowledge, closeness) {
  const asked = knowledge.map(({ question }) => countWords(question));
  const held = new Map();
  for (const words of asked) for (const word of words.keys()) held.set(word, (held.get(word) ?? 0) + 1);
  const weigh = (words) => {
    const idf = (word) => Math.log((1 + asked.length) / (1 + (held.get(word) ?? 0))) + 1;
    const weighed = [...words].map(([word, times]) => [word, times * idf(word)]);
    const length = Math.sqrt(weighed.reduce((sum, [, value]) => sum + value * value, 0)) || 1;
    return new Map(weighed.map(([word, value]) => [word, value / length]));
  };
  const wanted = weigh(countWords(text));
  const alike = asked.map((words) => [...weigh(words)].reduce((sum, [word, value]) => sum + value * (wanted.get(word) ?? 0), 0));
  const best = alike.indexOf(Math.max(...alike));
  return alike[best] >= closeness ? knowledge[best] : null;
}

function fill(state, intent, found, answers) {
  const slots = { ...state.slots, ...found };
  const named = answers.replies.no_answer.replace("{intent}", () => intent.replaceAll("_", " "));
  const entry = answers.intents[intent] ?? { answer: named };
  const missing = (entry.needs ?? []).find((slot) => !(slot in slots));
  if (missing) return { intent, slots, asked: missing, missed: 0, reply: answers.slots[missing].ask };
  const reply = entry.answer.replace(/\{(\w+)\}/g, (_, slot) => slots[slot] ?? slot);
  return { intent, slots, asked: null, missed: 0, reply };
}
