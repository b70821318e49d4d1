// Porter's stemmer (1980) as nltk.stem.porter has it, with its extensions.

const IRREGULAR = new Map(Object.entries({
  sky: "sky", skies: "sky", dying: "die", lying: "lie", tying: "tie", news: "news", innings: "inning", inning: "inning",
  outings: "outing", outing: "outing", cannings: "canning", canning: "canning", howe: "howe", proceed: "proceed",
  exceed: "exceed", succeed: "succeed",
}));
const SECOND = {
  ational: "ate", tional: "tion", enci: "ence", anci: "ance", izer: "ize", bli: "ble", alli: "al", entli: "ent", eli: "e",
  ousli: "ous", ization: "ize", ation: "ate", ator: "ate", alism: "al", iveness: "ive", fulness: "ful", ousness: "ous",
  aliti: "al", iviti: "ive", biliti: "ble", fulli: "ful", logi: "log",
};
const THIRD = { icate: "ic", ative: "", alize: "al", iciti: "ic", ical: "ic", ful: "", ness: "" };
const FOURTH = [
  "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous",
  "ive", "ize",
];

/** c for every consonant, v for every vowel; y is what the letter before it is not. */
function shape(word) {
  let made = "";
  for (const letter of word) {
    const vowel = "aeiou".includes(letter) || (letter === "y" && made.endsWith("c"));
    made += vowel ? "v" : "c";
  }
  return made;
}
const measure = (stem) => shape(stem).split("vc").length - 1;
const cut = (word, suffix) => word.slice(0, word.length - suffix.length);
const endsConsonantVowelConsonant = (word) =>
  (shape(word).endsWith("cvc") && !/[wxy]$/.test(word)) || shape(word) === "vc";

/** The first suffix of `rules` that the word has is replaced, if enough of the word is left. */
function replace(word, rules, enough) {
  const suffix = Object.keys(rules).find((each) => word.endsWith(each));
  return suffix !== undefined && enough(cut(word, suffix), suffix) ? cut(word, suffix) + rules[suffix] : word;
}

function plural(word) {
  if (word.endsWith("ies") && word.length === 4) return cut(word, "s");
  return replace(word, { sses: "ss", ies: "i", ss: "ss", s: "" }, () => true);
}

function past(word) {
  if (word.endsWith("ied")) return cut(word, word.length === 4 ? "d" : "ed");
  if (word.endsWith("eed")) return measure(cut(word, "eed")) > 0 ? cut(word, "d") : word;
  const suffix = ["ed", "ing"].find((each) => word.endsWith(each) && shape(cut(word, each)).includes("v"));
  if (!suffix) return word;
  const stem = cut(word, suffix);
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (/(.)\1$/.test(stem) && shape(stem).endsWith("c")) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsConsonantVowelConsonant(stem) ? `${stem}e` : stem;
}

function second(word) {
  if (word.endsWith("alli") && measure(cut(word, "alli")) > 0) return second(cut(word, "li"));
  return replace(word, SECOND, (stem, suffix) => measure(suffix === "logi" ? `${stem}l` : stem) > 0);
}

function fourth(word) {
  const rules = Object.fromEntries(FOURTH.map((suffix) => [suffix, ""]));
  return replace(word, rules, (stem, suffix) => measure(stem) > 1 && (suffix !== "ion" || /[st]$/.test(stem)));
}

function fifth(word) {
  const stem = cut(word, "e");
  const left = word.endsWith("e") && (measure(stem) > 1 || (measure(stem) === 1 && !endsConsonantVowelConsonant(stem)));
  const short = left ? stem : word;
  return short.endsWith("ll") && measure(short.slice(0, -1)) > 1 ? short.slice(0, -1) : short;
}

/** The stem of a word in lower case of at least three letters. */
export function stem(word) {
  const irregular = IRREGULAR.get(word);
  if (irregular) return irregular;
  const bare = past(plural(word));
  const ended = /.y$/.test(bare) && bare.length > 2 && shape(cut(bare, "y")).endsWith("c") ? `${cut(bare, "y")}i` : bare;
  return fifth(fourth(replace(second(ended), THIRD, (left) => measure(left) > 0)));
}
