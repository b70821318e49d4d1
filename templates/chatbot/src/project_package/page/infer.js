// The assistant in the browser: what model.py, predict.py and serve.py do to a conversation.
import { converse } from "./dialogue.js";
import { unpack } from "./packed.js";
import { split } from "./python.js";
import { bucket, characterRuns, count, places, stripAccents, weigh, wordRuns } from "./terms.js";

export async function load(read) {
  const [packed, said] = await Promise.all([read("model.bin"), read("answers.json")]);
  const model = unpack(packed);
  const answers = JSON.parse(new TextDecoder().decode(said));
  const firstCharacter = model.words.columns;
  const place = places(model.steps, firstCharacter + model.characters.columns);
  const idf = (column) => Math.log((1 + model.queries) / (1 + (model.held[place[column]] ?? 0))) + 1;
  const starts = new Uint32Array(model.counts.length + 1);
  model.counts.forEach((found, at) => { starts[at + 1] = starts[at] + found; });
  const out = model.labels.indexOf(-1);

  function understand(text) {
    const small = text.toLowerCase();
    const words = wordRuns(stripAccents(small), model.words.longest);
    const runs = characterRuns(small, ...model.characters.range);
    const values = weigh(count(words, model.words.columns), idf);
    const ofRuns = weigh(count(runs, model.characters.columns, new Map(), firstCharacter), idf);
    const scores = Float64Array.from(model.intercepts);
    for (const [column, value] of [...values, ...ofRuns]) {
      const at = place[column];
      if (at >= 0) for (let i = starts[at]; i < starts[at + 1]; i += 1) scores[model.rows[i]] += value * model.weights[i];
    }
    const against = model.out_weight * scores[out];
    const ranked = [...scores.keys()].filter((row) => row !== out).sort((one, other) => scores[other] - scores[one]);
    const name = (row) => model.intents[model.labels[row]];
    const score = scores[ranked[0]] - against;
    const effect = (word) => {
      const column = bucket(word, model.words.columns), at = place[column];
      if (at < 0) return 0;
      for (let i = starts[at]; i < starts[at + 1]; i += 1) if (model.rows[i] === ranked[0]) return values.get(column) * model.weights[i];
      return 0;
    };
    const moved = [...new Set(words)].sort().map((word) => [word, effect(word)]);
    moved.sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
    return {
      intent: score >= model.threshold ? name(ranked[0]) : null,
      score,
      threshold: model.threshold,
      guesses: ranked.slice(0, model.guesses).map((row) => [name(row), scores[row] - against]),
      words: moved.slice(0, model.words_shown),
    };
  }

  function predict({ turns }) {
    if (!turns.length || turns.length > model.most_turns) throw new Error(`turns: 1 to ${model.most_turns} of them.`);
    for (const text of turns) {
      if (!text) throw new Error("The text is empty.");
      if (Array.from(text).length > model.longest_text) throw new Error(`The text is longer than ${model.longest_text} characters.`);
    }
    const { state, way, question, understood } = converse(turns, understand, answers, split);
    return { reply: state.reply, way, slots: state.slots, asked: state.asked, question, ...understood };
  }

  return { post: { "/predict": async (body) => predict(body) }, get: {} };
}
