// VADER (Hutto and Gilbert, 2014) as vaderSentiment 3.3.2 has it, and lexicon.py.
import { split, strip } from "./python.js";

const PUNCTUATION = /^[!-/:-@[-`{-~]+|[!-/:-@[-`{-~]+$/g;
const QUOTES = /''|"|“|”/g;
const AROUND = /^[.,;:!?"'()]+|[.,;:!?"'()]+$/g;

const length = (text) => [...text].length;
const occurrences = (text, part) => text.split(part).length - 1;
const isUpper = (word) => /\p{Uppercase}/u.test(word) && !/[\p{Lowercase}\p{Lt}]/u.test(word);
const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);

/** As NumPy adds, by eight at a time: a tree may cut between two sums that are a hair apart. */
function numpySum(numbers) {
  const { length } = numbers;
  if (length > 128) {
    const half = Math.floor(length / 16) * 8;
    return numpySum(numbers.slice(0, half)) + numpySum(numbers.slice(half));
  }
  const whole = length - (length % 8);
  if (whole === 0) return sum(numbers);
  const parts = numbers.slice(0, 8);
  for (let at = 8; at < whole; at += 1) parts[at % 8] += numbers[at];
  const [a, b, c, d, e, f, g, h] = parts;
  return numbers.slice(whole).reduce((total, each) => total + each, ((a + b) + (c + d)) + ((e + f) + (g + h)));
}

/** As Python rounds: of two that are as near, the even one. */
export function round(value, digits) {
  const size = Math.abs(value);
  const tie = Number.isInteger(size * 2 ** (digits + 1)) && !Number.isInteger(size * 2 ** digits);
  if (!tie) return Number(value.toFixed(digits));
  const below = Math.floor(size * 10 ** digits);
  return (Math.sign(value) * (below + (below % 2))) / 10 ** digits;
}

/** A function that gives {compound, numbers}, the numbers in the order of lexicon.FEATURES. */
export function makeVader({ lexicon, emojis, boosters, negations, idioms, capitals, negation }) {
  const valenceOf = new Map(Object.entries(lexicon)), negate = new Set(negations);
  const emoji = new Map(Object.entries(emojis)), booster = new Map(Object.entries(boosters));
  const idiom = new Map(Object.entries(idioms));
  const isNegation = (word) => negate.has(word) || word.includes("n't");

  function withoutEmojis(text) {
    let plain = "", afterSpace = true;
    for (const character of text) {
      const described = emoji.get(character);
      plain += described === undefined ? character : `${afterSpace ? "" : " "}${described}`;
      afterSpace = described === undefined && character === " ";
    }
    return strip(plain);
  }

  function bare(token) {
    const stripped = token.replace(PUNCTUATION, "");
    return length(stripped) <= 2 ? token : stripped;
  }

  function boost(word, valence, mixed) {
    let scalar = booster.get(word.toLowerCase());
    if (scalar === undefined) return 0;
    if (valence < 0) scalar = -scalar;
    if (isUpper(word) && mixed) scalar += valence > 0 ? capitals : -capitals;
    return scalar;
  }

  /** What a word `distance` before the one at `i` that denies does to its valence. */
  function deny(valence, lower, distance, i) {
    const [one, two, three] = [lower[i - 1], lower[i - 2], lower[i - 3]];
    const soOrThis = (word) => word === "so" || word === "this";
    if (distance === 2) {
      if (two === "never" && soOrThis(one)) return valence * 1.25;
      if (two === "without" && one === "doubt") return valence;
    } else if (distance === 3) {
      if ((three === "never" && soOrThis(two)) || soOrThis(one)) return valence * 1.25;
      if (three === "without" && (two === "doubt" || one === "doubt")) return valence;
    }
    return isNegation(lower[i - distance]) ? valence * negation : valence;
  }

  function applyIdioms(given, lower, i) {
    const run = (from, to) => lower.slice(from, to + 1).join(" ");
    let valence = given;
    const before = [run(i - 1, i), run(i - 2, i), run(i - 2, i - 1), run(i - 3, i - 1), run(i - 3, i - 2)];
    const special = before.find((words) => idiom.has(words));
    if (special !== undefined) valence = idiom.get(special);
    if (lower.length - 1 > i && idiom.has(run(i, i + 1))) valence = idiom.get(run(i, i + 1));
    if (lower.length - 1 > i + 1 && idiom.has(run(i, i + 2))) valence = idiom.get(run(i, i + 2));
    for (const words of [before[3], before[4], before[2]]) valence += booster.get(words) ?? 0;
    return valence;
  }

  function rate(words, lower, i, mixed) {
    let valence = valenceOf.get(lower[i]);
    if (valence === undefined) return 0;
    const isNo = (place) => lower[place] === "no";
    const known = valence;
    if (isNo(i) && i !== words.length - 1 && valenceOf.has(lower[i + 1])) valence = 0;
    if (isNo(i - 1) || isNo(i - 2) || (isNo(i - 3) && ["or", "nor"].includes(lower[i - 1]))) valence = known * negation;
    if (isUpper(words[i]) && mixed) valence += valence > 0 ? capitals : -capitals;
    for (let distance = 1; distance <= 3 && distance <= i; distance += 1) {
      if (valenceOf.has(lower[i - distance])) continue;
      valence += boost(words[i - distance], valence, mixed) * [1, 0.95, 0.9][distance - 1];
      valence = deny(valence, lower, distance, i);
      if (distance === 3) valence = applyIdioms(valence, lower, i);
    }
    const least = lower[i - 1] === "least" && !valenceOf.has("least");
    return least && !(i > 1 && ["at", "very"].includes(lower[i - 2])) ? valence * negation : valence;
  }

  /** Less before "but", more after it; of equal valences, VADER changes the first. */
  function turnAtBut(lower, valences) {
    const but = lower.indexOf("but");
    if (but < 0) return;
    for (let turn = 0; turn < valences.length; turn += 1) {
      const place = valences.indexOf(valences[turn]);
      if (place !== but) valences[place] = valences[turn] * (place < but ? 0.5 : 1.5);
    }
  }

  function shares(valences, text) {
    if (valences.length === 0) return [0, 0, 0, 0];
    const asked = occurrences(text, "?");
    const emphasis = Math.min(occurrences(text, "!"), 4) * 0.292 + (asked > 3 ? 0.96 : asked > 1 ? asked * 0.18 : 0);
    let total = sum(valences);
    total += Math.sign(total) * emphasis;
    let good = sum(valences.filter((each) => each > 0).map((each) => each + 1));
    let bad = sum(valences.filter((each) => each < 0).map((each) => each - 1));
    const neutral = valences.filter((each) => each === 0).length;
    if (good > -bad) good += emphasis;
    else if (good < -bad) bad -= emphasis;
    const all = good - bad + neutral;
    const compound = total / Math.sqrt(total * total + 15);
    return [round(compound, 4), round(good / all, 3), round(-bad / all, 3), round(neutral / all, 3)];
  }

  return (given) => {
    const text = withoutEmojis(given);
    const words = split(text).map(bare);
    const lower = words.map((word) => word.toLowerCase());
    const loud = words.filter(isUpper).length;
    const mixed = loud > 0 && loud < words.length;
    const skipped = (i) => booster.has(lower[i]) || (lower[i] === "kind" && lower[i + 1] === "of");
    const rated = words.map((_, i) => (skipped(i) ? 0 : rate(words, lower, i, mixed)));
    turnAtBut(lower, rated);
    const measured = shares(rated, text);
    const valences = rated.length ? rated : [0];
    const good = valences.filter((each) => each > 0), bad = valences.filter((each) => each < 0);
    const known = valences.filter((each) => each !== 0);
    const plain = split(given), plainLower = split(given.toLowerCase());
    const stripped = plainLower.map((word) => word.replace(AROUND, ""));
    return {
      compound: measured[0],
      numbers: [
        ...measured,
        numpySum(valences), numpySum(valences) / valences.length, numpySum(good), numpySum(bad),
        Math.max(...valences), Math.min(...valences),
        known[0] ?? 0, known.at(-1) ?? 0, good.length, bad.length, valences.length,
        numpySum(valences.slice(Math.floor(valences.length / 2))),
        occurrences(given, "!"), occurrences(given, "?"),
        plain.filter((word) => length(word) > 1 && isUpper(word)).length,
        Number(plainLower.includes("but")),
        Number(stripped.some((word) => isNegation(word) || word === "no")),
        occurrences(given, "..."), (given.match(QUOTES) ?? []).length, length(given),
      ],
    };
  };
}
