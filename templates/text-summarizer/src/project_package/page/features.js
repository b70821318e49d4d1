// What the ranker knows of a sentence, as features.py has it.
import { split } from "./python.js";
import { stem } from "./stems.js";

const SPEECH = /(?<![\p{L}\p{N}_])(?:said|says|told|added|asked)(?![\p{L}\p{N}_])/u;
const DIGIT = /[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒]/u;
const TINY = 1e-12;

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);
const size = (one, other) => sum([...one].map((each) => Number(other.has(each))));

/** A function that gives the features of every sentence, by name. */
export function makeDescribe({ function_stems, refers_back, stemmed_from, budget }) {
  const functionStems = new Set(function_stems), refersBack = new Set(refers_back);
  const remembered = new Map();

  function stemOf(word) {
    if (word.length < stemmed_from) return word;
    if (!remembered.has(word)) remembered.set(word, stem(word));
    return remembered.get(word);
  }
  const stems = (text) => text.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean).map(stemOf);
  const pairwise = (words) => new Set(words.slice(1).map((word, i) => `${words[i]} ${word}`));

  /** How many sentences hold each stem. */
  function tally(lists) {
    const held = new Map();
    for (const list of lists) for (const each of new Set(list)) held.set(each, (held.get(each) ?? 0) + 1);
    return held;
  }

  /** 0 for the largest value, near 1 for the smallest; of equals the earlier one first. */
  function ranks(values) {
    const order = values.map((_, i) => i).sort((one, other) => values[other] - values[one]);
    const placed = new Array(values.length);
    order.forEach((i, place) => { placed[i] = place / values.length; });
    return placed;
  }

  return (source, headline) => {
    const count = source.length;
    const tokens = source.map(split);
    const all = source.map(stems), early = tokens.map((words) => new Set(stems(words.slice(0, budget).join(" "))));
    const content = all.map((found) => new Set(found.filter((each) => !functionStems.has(each))));
    const titleList = stems(headline), title = new Set(titleList), titlePairs = pairwise(titleList);
    const titleContent = new Set([...title].filter((each) => !functionStems.has(each)));
    const shared = all.map((found) => size(title, new Set(found)));
    const pairs = all.map((found) => size(titlePairs, pairwise(found)));
    const balance = all.map((found, i) => (2 * shared[i]) / Math.max(found.length + titleList.length, 1));

    const article = tally(content), articleAny = tally(all);
    const length = Math.sqrt(sum([...article.values()].map((each) => each * each)));
    const like = (one, other) =>
      size(one, other) / (Math.max(Math.sqrt(one.size), 1) * Math.max(Math.sqrt(other.size), 1));
    const total = (words, held) => sum([...words].map((each) => held.get(each) ?? 0));
    const inTitle = [...article.keys()].filter((each) => titleContent.has(each)).length;
    const coverage = early.map((found) => total([...found].filter((each) => !functionStems.has(each)), article));
    const coverageRank = ranks(coverage);
    const mostPairs = Math.max(...pairs, 0), mostBalance = Math.max(...balance, 0);

    return source.map((sentence, i) => {
      const words = tokens[i], unit = Math.max(Math.sqrt(content[i].size), 1);
      const inHeadline = size(content[i], titleContent);
      return {
        first: Number(i === 0),
        second: Number(i === 1),
        third: Number(i === 2),
        log_position: Math.log1p(i),
        relative_position: i / count,
        log_words: Math.log1p(words.length),
        budget_filled: Math.min(words.length / budget, 1),
        over_budget: Number(words.length > budget),
        words: words.length,
        distinct_words: early[i].size / budget,
        function_words: size(early[i], functionStems) / budget,
        like_article: total(content[i], article) / unit / Math.max(length, TINY),
        like_others: (sum(content.map((other) => like(content[i], other))) - like(content[i], content[i])) / Math.max(count - 1, 1),
        like_previous: i > 0 ? like(content[i], content[i - 1]) : 0,
        like_first: i > 0 ? like(content[i], content[0]) : 0,
        coverage: coverage[i] / count,
        coverage_rank: coverageRank[i],
        coverage_all_words: total(early[i], articleAny) / count,
        coverage_mean: total(content[i], article) / Math.max(content[i].size, 1) / count,
        like_headline: inHeadline / unit / Math.max(Math.sqrt(inTitle), TINY),
        headline_covered: inHeadline / Math.max(titleContent.size, 1),
        headline_covered_early: size(early[i], titleContent) / Math.max(titleContent.size, 1),
        headline_words_early: size(early[i], title) / Math.max(title.size, 1),
        headline_f: balance[i],
        headline_f_relative: balance[i] / Math.max(mostBalance, TINY),
        headline_pairs: pairs[i],
        headline_pairs_relative: pairs[i] / Math.max(mostPairs, 1),
        refers_back: Number(refersBack.has(words[0].toLowerCase().replace(/^["'\-,]+|["'\-,]+$/g, ""))),
        quotes: Number(sentence.includes('"')),
        reports_speech: Number(SPEECH.test(sentence)),
        has_number: Number(DIGIT.test(sentence)),
        names: words.slice(1, budget).filter((word) => /^\p{Uppercase}/u.test(word)).length / budget,
      };
    });
  };
}
