// The rater in the browser: what model.py and predict.py do to one text.
import { unpack } from "./packed.js";
import { split } from "./python.js";
import { characterRuns, count, places, weigh, wordRuns } from "./terms.js";
import { boosting } from "./trees.js";
import { makeVader } from "./vader.js";

const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** A function that gives the standardised rating of a text that is counted, for a kind. */
function makeRidge(model) {
  const { words, runs, kinds } = model;
  const columns = words.columns + runs.columns;
  const place = places(model.steps, columns);
  const own = kinds.map((_, number) => places(model[`steps_${number}`], columns));
  const idf = (column) => Math.log((1 + model.texts) / (1 + (model.held[place[column]] ?? 0))) + 1;

  return (text, numbers, kind) => {
    const lower = text.toLowerCase();
    const number = kinds.indexOf(kind);
    const mine = model[`weights_${number}`];
    let rating = model.intercept;
    for (const counts of [
      count(wordRuns(lower, words.longest), words.columns),
      count(characterRuns(lower, runs.length, runs.length), runs.columns, new Map(), words.columns),
    ]) {
      for (const [column, value] of weigh(counts, idf)) {
        rating += value * ((model.weights[place[column]] ?? 0) + (mine?.[own[number][column]] ?? 0));
      }
    }
    numbers.forEach((each, i) => {
      const weight = model.numbers[0][i] + (mine ? model.numbers[number + 1][i] : 0);
      rating += ((each - model.means[i]) / model.scales[i]) * weight;
    });
    return rating;
  };
}

export async function load(read) {
  const names = ["about.json", "vader.json", "taught.bin", "untaught.bin", "boosting.bin"];
  const [aboutFile, vaderFile, taughtFile, untaughtFile, boosted] = await Promise.all(names.map(read));
  const [about, vader] = [aboutFile, vaderFile].map((bytes) => JSON.parse(new TextDecoder().decode(bytes)));
  const [taught, untaught] = [taughtFile, untaughtFile].map(unpack);
  const [rateTaught, rateUntaught] = [taught, untaught].map(makeRidge);
  const boost = boosting(boosted), judge = makeVader(vader);

  function rate(text, kind) {
    const { compound, numbers } = judge(text);
    const known = taught.kinds.includes(kind);
    let rating = (known ? rateTaught : rateUntaught)(text, numbers, kind);
    if (known) {
      const digits = 10 ** about.digits;
      const near = Math.round(rating * digits) / digits;
      rating = boost([near, ...numbers, ...taught.kinds.map((each) => Number(each === kind))]);
    }
    const { centres, spreads } = known ? taught : untaught;
    const [centre, spread] = [centres, spreads].map((each) => each[kind] ?? mean(Object.values(each)));
    const model = Math.min(about.highest, Math.max(about.lowest, centre + spread * rating));
    return { model, vader: about.scale * compound };
  }

  function explain({ text, kind = "other" }) {
    if (!text) throw new Error("There is no text.");
    if (text.length > about.longest_text) throw new Error(`The text is longer than ${about.longest_text} characters.`);
    if (!about.kinds.includes(kind)) throw new Error(`A kind of text is one of ${about.kinds.join(", ")}.`);
    const whole = rate(text, kind), half = about.ranges[kind];
    const words = split(text);
    return {
      rating: whole.model,
      low: half === undefined ? null : Math.max(about.lowest, whole.model - half),
      high: half === undefined ? null : Math.min(about.highest, whole.model + half),
      coverage: about.coverage,
      vader: whole.vader,
      words: words.slice(0, about.most_words).map((word, i) => {
        const without = rate([...words.slice(0, i), ...words.slice(i + 1)].join(" "), kind);
        return { word, model: whole.model - without.model, vader: whole.vader - without.vader };
      }),
    };
  }

  function predict({ snippets }) {
    if (snippets.length === 0 || snippets.length > about.largest_batch) throw new Error(`snippets: 1 to ${about.largest_batch} of them.`);
    return { opinions: snippets.map(explain) };
  }

  return { post: { "/predict": async (body) => predict(body) }, get: {} };
}
