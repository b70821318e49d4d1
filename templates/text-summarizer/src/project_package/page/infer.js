// The summarizer in the browser: what predict.py and model.py do to one article.
import { makeDescribe } from "./features.js";
import { split, strip } from "./python.js";
import { splitSentences } from "./sentences.js";

const score = ({ names, means, scales, weights, intercept }, features) =>
  names.reduce((sum, name, i) => sum + ((features[name] - means[i]) / scales[i]) * weights[i], intercept);

export async function load(read) {
  const model = JSON.parse(new TextDecoder().decode(await read("model.json")));
  const describe = makeDescribe(model);
  const limits = model.limits;

  /** Whole sentences, best first, until the next is too long; the best one in any case. */
  function choose(source, ranking, budget) {
    const chosen = new Set();
    let length = 0;
    for (const number of ranking) {
      length += split(source[number]).length;
      if (chosen.size && length > budget) break;
      chosen.add(number);
    }
    return chosen;
  }

  function summarize({ headline = "", text }, length) {
    if (!text || text.length > limits.longest_article) throw new Error(`A text has 1 to ${limits.longest_article} characters.`);
    const spans = splitSentences(text), title = strip(headline);
    const source = spans.map(([start, end]) => text.slice(start, end));
    if (source.length === 0) throw new Error("There is no sentence in this text.");
    if (source.length > limits.most_sentences) {
      throw new Error(`This text has ${source.length} sentences; ${limits.most_sentences} can be compared.`);
    }
    const scores = describe(source, title).map((features) => score(title ? model.informed : model.blind, features));
    const ranking = source.map((_, number) => number).sort((one, other) => scores[other] - scores[one]);
    const ranks = new Map(ranking.map((number, place) => [number, place + 1]));
    const chosen = choose(source, ranking, length ?? model.budget);
    const summary = source.filter((_, number) => chosen.has(number)).join(" ");
    return {
      summary,
      words: split(summary).length,
      of_words: split(text).length,
      used_headline: title !== "",
      sentences: source.map((sentence, number) => ({
        gap: text.slice(number ? spans[number - 1][1] : 0, spans[number][0]),
        text: sentence,
        score: scores[number],
        rank: ranks.get(number),
        chosen: chosen.has(number),
      })),
    };
  }

  function predict({ articles, words = null }) {
    if (articles.length === 0 || articles.length > limits.largest_batch) throw new Error(`articles: 1 to ${limits.largest_batch} of them.`);
    if (words !== null && (words < limits.shortest || words > limits.longest)) {
      throw new Error(`words: ${limits.shortest} to ${limits.longest}.`);
    }
    return { summaries: articles.map((article) => summarize(article, words)) };
  }

  return { post: { "/predict": async (body) => predict(body) }, get: {} };
}
