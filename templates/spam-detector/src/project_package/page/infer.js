// The detector in the browser: what data.py, model.py and predict.py do to one mail.
import { unpack } from "./packed.js";
import { SPACE, strip } from "./python.js";
import { bucket, characterRuns, count, places, stripAccents, weigh, wordRuns } from "./terms.js";

const SUBJECT_TAG = new RegExp(`\\[[^\\]]*\\][${SPACE}]*`, "g");
const START = "(?<![^\\n])", END = "(?![^\\n])"; // of a line, as Python has it
const LIST_MARKS = new RegExp(
  [
    `${START}[> ]*(?:[_=\\-]{10,}|--) *\\n(?:(?![> ]*\\n)[^\\n]*\\n){0,6}?` +
      "[^\\n]*(?:mailing list|listinfo/|sf\\.net email|list maintainer)[^\\n]*" +
      `(?:\\n(?![> ]*${END})[^\\n]*){0,8}`,
    `${START}[> ]*-+ Yahoo! Groups Sponsor -[^\\n]*\\n(?:[^\\n]*\\n){0,8}?[> ]*-{10}[\\-_~> ]*${END}`,
    `${START}[> ]*To unsubscribe from this group, send an email to:\\n[^\\n]*`,
    `${START}[> ]*Your use of Yahoo! Groups is [^\\n]*`,
    `https?://[^${SPACE}]{1,80}/listinfo/[^${SPACE}]+`,
    "--(?:DeathToSpam)+--",
  ].join("|"),
  "giu",
);

/** What the model reads of a mail. */
function compose(subject, body, longest) {
  const read = Array.from(strip(body.replace(LIST_MARKS, ""))).slice(0, longest).join("");
  return `${subject.replace(SUBJECT_TAG, "")}\n${read}`;
}

export async function load(read) {
  const model = unpack(await read("model.bin"));
  const firstCharacter = model.words.columns;
  const place = places(model.steps, firstCharacter + model.characters.columns);
  const idf = (column) => Math.log((1 + model.mails) / (1 + (model.held[place[column]] ?? 0))) + 1;
  const weight = (column) => model.weights[place[column]] ?? model.unseen[Number(column >= firstCharacter)];

  function judge({ subject = "", body }) {
    const text = compose(subject, body, model.longest_body).toLowerCase();
    const words = wordRuns(stripAccents(text), model.words.longest);
    const counts = count(words, model.words.columns);
    const runs = characterRuns(text, ...model.characters.range);
    count(runs, model.characters.columns, counts, firstCharacter);
    const effects = weigh(counts, idf);
    let score = model.intercept;
    for (const [column, value] of effects) {
      effects.set(column, value * weight(column));
      score += effects.get(column);
    }
    const [slope, level] = model.calibration;
    const probability = 1 / (1 + Math.exp(-(slope * score + level)));
    const moved = [...new Set(words)].sort().map((word) => [word, effects.get(bucket(word, model.words.columns))]);
    moved.sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
    return {
      spam: probability >= model.threshold,
      probability,
      threshold: model.threshold,
      words: moved.slice(0, model.words_shown),
    };
  }

  function predict({ mails }) {
    if (mails.length === 0 || mails.length > model.largest_batch) throw new Error(`mails: 1 to ${model.largest_batch} of them.`);
    for (const { body } of mails) {
      if (!body) throw new Error("The mail is empty.");
      if (body.length > model.longest_mail) throw new Error(`The mail is longer than ${model.longest_mail} characters.`);
    }
    return { verdicts: mails.map(judge) };
  }

  return { post: { "/predict": async (body) => predict(body) }, get: {} };
}
