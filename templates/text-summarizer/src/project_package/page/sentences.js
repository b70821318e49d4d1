// Where sentences end in English: the algorithm and the word lists of sentencex 1.0.30, which words.py uses.
// LICENCES.txt has the terms of sentencex.

import { SPACE, strip } from "./python.js";

const ABBREVIATIONS = new Set((
  "a abbrev adj adm adv al ala alta apr arc ariz ark art assn asst attys aug ave b bart bld bldg blvd brig bros btw " +
  "c ca cal calif capt cf c.f cit cl cmdr co col colo comdr con conn corp cpl cres ct d.phil d dak dc d.c dec del " +
  "dept det dist dr.phil dr.philos dr drs e e.d eg e.g ens esp esq etc exec exp expy ext f feb fed ff f.f fig fla " +
  "fr ft fwy fy g ga gen gov h hon hosp hr hway hwy i.a ibid ie i.e i ia id ida ill inc ind ing insp j jan jr jul " +
  "jun k kan kans ken ky l la ll llb ll.b ll.d lld llm ll.m loc lt ltd m maj mar may md me med messrs mex mfg mich " +
  "min minn miss mlle mm mme mo mont mr mrs ms msgr mssrs mt mtn nº n° no̱ no n nb neb nebr nem nev nos nov nr o " +
  "oct ok okla ont op ord ore p pa pg p.g pd pde penn penna pfc ph.d ph pl plz pp pres prof ps p.s pps pvt q qq " +
  "qq.v que r rd re reg ref rep reps res rev rs rt s sask sc scil sec sen sens sep sept sfc sgt s.l sr s.s st supt " +
  "surg t tce tenn tex u.s u univ usafa ut v va ver viz vs vt w wef w.e.f wis wisc wrt w.r.t wy wyo x y yuk z"
).split(" "));
const STARTERS = new Set((
  "About According Accordingly Actually Additionally After Again All Also Although Always Among An And Another Any " +
  "Anyway Apparently Are As At Back Because Before Besides Between Both But By Can Cannot Clearly Coincidentally " +
  "Consequently Conversely Could Dear Despite Did Do Does Don't During Each Early Eight Even Eventually Every " +
  "Everybody Everyone Except Fifth Finally First Following For Four Fourth From Further Furthermore Generally Given " +
  "Go Great Had Has Have Having He Hence Her Here His How However If In Indeed Initially Instead Is It Its Just " +
  "Last Later Lately Let Like Many Maybe Meanwhile Might More Moreover Most Much Must My Neither Never Nevertheless " +
  "New Next Ninth No None Nonetheless Nor Not Nothing Now Obviously Of Often On Once One Only Or Other Others " +
  "Otherwise Ought Our Over Particularly People Perhaps Please Previous Rarely Rather Recent Recently Right Second " +
  "See Seventh Several Shall She Shortly Should Similarly Since Sixth So Some Sometimes Soon Specifically Start " +
  "Still Subsequently Such Suddenly Take Tenth That The Their Then There Thereafter Therefore These They Third This " +
  "Those Three Through Thus To Today Tomorrow Tonight Two Under Unfortunately Unlike Until Upon Using Usually Was " +
  "We Were Well What Whatever When Whenever Where Whereas Wherever Whether Which Whichever While Whilst Who Whose " +
  "Why Will With Within Without Would Yes Yesterday Yet You Your"
).split(" "));
const FRONTING = new Set((
  "about above across after against along among around at before behind below beneath beside between beyond by " +
  "despite during for from in inside into near of off on onto outside over past since through throughout to toward " +
  "under underneath until up upon with within without a an the and but nor or afternoon dawn day dusk evening " +
  "midnight month morning night noon today tomorrow tonight week weekend year yesterday again also earlier finally " +
  "just later meanwhile now recently soon sometimes then"
).split(" "));
const MARKERS = (
  "a.m+|a._m+|p.m+|p._m+|A.D!|B.C!|B.C.E!|C.E!|gal#|fl|ft|in#|lb|mi|mph|oz|pt|qt|sq|yd|B.A|" +
  "BA|B.Com|BCom|B.S|BS|B.Sc|BSc|D.D.S|DDS|J.D|JD|LL.B|LLB|LL.D|LLD|LL.M|LLM|M.A|MA|M.B.A|" +
  "MBA|M.Com|MCom|M.D|MD|M.S|MS|M.Sc|MSc|Ph.D|PhD|NE|N.E|NW|N.W|SE|S.E|SW|S.W"
).split("|").map((given) => ({
  suffix: given.replace(/[!#+]/g, "").replaceAll("_", " "),
  exact: given.includes("!"), // upper and lower case matter
  afterNumber: given.includes("#"),
  digitBreaks: given.includes("+"),
}));

const WORD = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d]";
const TERMINATOR = "\\p{Sentence_Terminal}";
const PAIRS = [ // opening, closing, and whether they may be an apostrophe or code; longer ones first
  ["``", "''"], ["``", "``"], ["''", "''"], ["`", "'", true], ["`", "`", true], ["'", "'", true], ['"', '"'], ["«", "»"],
  ["‘", "’"], ["‚", "‚"], ["“", "”"], ["‛", "‛"], ["„", "“"], ["»", "«"], ["‟", "‟"], ["‹", "›"], ["《", "》"], ["「", "」"],
];
const CLOSERS = ["’", "‚", "”", "‛", "“", "‟", "›", "》", "」", "''", "``", "»", "«", "'", "`", '"'];
const SYMMETRIC = PAIRS.filter(([open, close]) => open === close).map(([open]) => open);
const QUOTES = new RegExp([
  ...PAIRS.map(([open, close, ambiguous]) => ambiguous
    ? `(?<!${WORD})${open}(?=${WORD})[^]*?[^\\p{White_Space}${close}]${close}(?!${WORD})`
    : `${open}[^]*?${close}`),
  ...PAIRS.filter(([, , ambiguous]) => ambiguous).map(([open, close]) => `(?<![^\\n])${open}[^\\n]+?${close}(?![^\\n])`),
].join("|"), "gu");
const PARENTHESES = /[(（<{[](?:[^)\]}>）]|\\[)\]}>）])*[)\]}>）]/gu;
const EMAIL = /[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Z|a-z]{2,7}/g;
const BREAK = `\\.(?:[ \\t]+\\.){2,}|[!?…](?:[ \\t]+[!?…])+|${TERMINATOR}+`;
const REFERENCE = /^(?:\p{White_Space}*\[\p{Nd}+\])+/u;
const GOES_ON = new RegExp(`^(?:(?!${WORD})[^])*[0-9a-z]`, "u");
const ELLIPSIS_GOES_ON = /^\p{White_Space}+(?:[0-9a-z]|I(?:[\p{White_Space}'’]|$))/u;
const EXCLAMATIONS = new Set(["Yahoo", "Yum"]);
const LETTER = /[\p{Alphabetic}\p{N}]/u;
const WORD_END = new RegExp(`[\\p{White_Space},]|${TERMINATOR}`, "u");
const SPACE_OR_END = new RegExp(`^(?:\\p{White_Space}|${TERMINATOR})*`, "u");
const [TERMINATORS, NEXT_TERMINATOR] = ["gu", "uy"].map((flags) => new RegExp(BREAK, flags));
const NEXT_SPACE = /\p{White_Space}+/uy;
const SPACES = new Set(" \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000");

const isSpace = (character) => SPACES.has(character);
const isCapital = (character) => character !== undefined && character >= "A" && character <= "Z";
const isDigit = (character) => character !== undefined && character >= "0" && character <= "9";
const trimStart = (text) => text.replace(/^\p{White_Space}+/u, "");
function trimEnd(text, ends = isSpace) {
  let end = text.length;
  while (end > 0 && ends(text[end - 1])) end -= 1;
  return text.slice(0, end);
}
function lastPiece(text, separates) {
  let start = text.length;
  while (start > 0 && !separates(text[start - 1])) start -= 1;
  return text.slice(start);
}
const lastWord = (head) => lastPiece(trimEnd(head), (each) => isSpace(each) || each === "." || each === "/");
const lastWordWhole = (head) => lastPiece(trimEnd(head), (each) => isSpace(each) || each === "/");
const isInitial = (word) => word.length === 1 && isCapital(word);

/** What follows: the 30 bytes of UTF-8 that decide. */
function following(text, start) {
  let bytes = 0, end = start;
  while (end < text.length && bytes < 30) {
    const code = text.codePointAt(end);
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    end += code < 0x10000 ? 1 : 2;
  }
  return text.slice(start, end);
}

function startsSentence(next) {
  const [word] = trimStart(next).split(WORD_END, 1);
  return word !== "" && STARTERS.has(word);
}

const goesOnLow = (text) => /^[a-z0-9]/.test(text);
function withoutQuote(text) {
  const trimmed = trimStart(text);
  const quote = SYMMETRIC.find((each) => trimmed.startsWith(each));
  return quote ? trimStart(trimmed.slice(quote.length)) : trimmed;
}
const goesOnNext = (text) => goesOnLow(text) || withoutQuote(text).startsWith(",");

function goesOn(matched, head, next) {
  if ([...matched].length > 1) {
    return ELLIPSIS_GOES_ON.test(next) || (head !== "" && !isSpace(head.at(-1)) && goesOnLow(next));
  }
  return goesOnNext(next) || (/[!?]/.test(matched) && /[ \t]$/.test(head) && GOES_ON.test(next));
}

function isNameInitial(head, last, next) {
  if (!isInitial(last)) return false;
  const before = trimEnd(head.slice(0, head.length - last.length), (each) => isSpace(each) || each === "." || each === "/");
  return isCapital(lastWord(before)[0]) || /^[A-Z]\.(?:\p{White_Space}|$)/u.test(trimStart(next));
}

function markerAtEnd(head) {
  const trimmed = trimEnd(head);
  for (const marker of MARKERS) {
    const start = trimmed.length - marker.suffix.length;
    const end = trimmed.slice(start);
    if (start < 0 || !(marker.exact ? end === marker.suffix : end.toLowerCase() === marker.suffix.toLowerCase())) continue;
    const prefix = trimmed.slice(0, start);
    const before = marker.afterNumber ? trimEnd(prefix).at(-1) : prefix.at(-1);
    if (isDigit(before) || (!marker.afterNumber && (before === undefined || isSpace(before)))) return { ...marker, prefix };
  }
  return null;
}

function onlyFronting(prefix) {
  return prefix.split(QUOTES).every((piece) => piece.split(/[\p{White_Space},;—–]/u).every((token) => {
    const bare = token.replace(/\.+$/, "").toLowerCase();
    return /^[0-9:]*$/.test(bare) || /^\p{Uppercase}/u.test(token) || FRONTING.has(bare) || ABBREVIATIONS.has(bare);
  }));
}

function breaksAfterMarker({ prefix, digitBreaks }, next, starter) {
  const [first, second] = trimStart(next);
  if (isCapital(first) && second === ".") return false;
  if (isDigit(first)) return digitBreaks;
  if (first === undefined || !/\p{Uppercase}/u.test(first)) return false;
  const before = lastPiece(trimEnd(prefix, (each) => isDigit(each) || each === ":" || isSpace(each)), isSpace);
  return starter || (!isCapital(before[0]) && !onlyFronting(prefix));
}

function overridesAbbreviation(head, last, starter) {
  if (!starter) return false;
  const whole = lastWordWhole(head);
  return isCapital(last[0]) || (whole.length > last.length && ABBREVIATIONS.has(whole.toLowerCase())) ||
    ([...last].length > 1 && ABBREVIATIONS.has(last));
}

function periodIsPart(head, last, next) {
  const marker = markerAtEnd(head);
  if (!marker && !isNameInitial(head, last, next) && !(last && ABBREVIATIONS.has(last.toLowerCase()))) return false;
  const starter = startsSentence(next);
  return !(marker && breaksAfterMarker(marker, next, starter)) && !overridesAbbreviation(head, last, starter);
}

/** Where a sentence ends if it does at these terminators; or null. */
function findBoundary(text, [start, end]) {
  const head = text.slice(0, start), matched = text.slice(start, end), next = following(text, end);
  const reference = next.match(REFERENCE);
  if (reference) return end + reference[0].length;
  if (goesOn(matched, head, next)) return null;
  const last = lastWord(head);
  if (matched === ".") {
    const code = isDigit(head.at(-1)) && /^\p{Alphabetic}/u.test(next) && /[0-9]/.test(next);
    if (code || periodIsPart(head, last, next)) return null;
  }
  return EXCLAMATIONS.has(last) ? null : end + next.length - trimStart(next).length;
}

/** Terminators, spaced dots joined to a ! or ? before them. */
function terminators(text) {
  const found = [];
  for (const { 0: matched, index } of text.matchAll(TERMINATORS)) {
    const previous = found.at(-1);
    const joins = previous && /[!?…]$/.test(text.slice(...previous)) && /^\.[. \t]*$/.test(matched) &&
      /^[ \t]+$/.test(text.slice(previous[1], index));
    if (joins) previous[1] = index + matched.length;
    else found.push([index, index + matched.length]);
  }
  return found;
}

function* positions(text, token, from = 0) {
  for (let at = text.indexOf(token, from); at >= 0; at = text.indexOf(token, at + token.length)) yield at;
}

const mayBreak = (span) => /\.[ \t]+[A-Z]/.test(span);
const opensUtterance = (text, from) => /^[ \t]+[A-Z]/.test(text.slice(from, from + 100));
function isCandidate(text, at, token, ranges) {
  if (ranges.some((range) => range.pair && range.start <= at && at < range.end)) return false;
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1), [after] = text.slice(at + token.length, at + token.length + 2);
  return !(before && after && LETTER.test(before) && LETTER.test(after));
}
const isOpener = (text, at, token) => (at === 0 || isSpace(text[at - 1])) && isSpace(text[at + token.length]);

function opensCleanSpan(text, at, token, ranges) {
  if (!isOpener(text, at, token)) return false;
  const start = at + token.length;
  for (const closer of positions(text, token, start)) {
    if (isCandidate(text, closer, token, ranges)) return !mayBreak(text.slice(start, closer));
  }
  return false;
}

function pairUp(text, opener, closer, token, ranges) {
  if (!isOpener(text, opener, token)) return false;
  const after = closer + token.length;
  const backToBack = opensUtterance(text, after) && mayBreak(text.slice(opener + token.length, closer));
  return !backToBack || !opensCleanSpan(text, closer, token, ranges);
}

/** Quotations, parentheses and addresses: terminators within them mostly end nothing. */
function protectedRanges(text) {
  const range = ({ 0: matched, index }) => ({ start: index, end: index + matched.length });
  const pairOf = (matched) => PAIRS.find(([open]) => matched.startsWith(open));
  const ranges = [...text.matchAll(QUOTES)].map((found) => ({ ...range(found), pair: pairOf(found[0]) }));
  for (const token of ["`", "'"]) {
    let pending = null;
    for (const at of positions(text, token)) {
      if (!isCandidate(text, at, token, ranges)) continue;
      if (pending !== null && pairUp(text, pending, at, token, ranges)) {
        ranges.push({ start: pending, end: at + token.length, pair: [token, token] });
        pending = null;
      } else pending = at;
    }
  }
  const parentheses = [...text.matchAll(PARENTHESES)].map(range);
  ranges.push(...parentheses, ...(text.includes("@") ? [...text.matchAll(EMAIL)].map(range) : []));
  ranges.sort((one, other) => one.start - other.start);
  const around = (at) => parentheses.find(({ start, end }) => start < at && at < end);
  for (const each of ranges) {
    if (!each.pair || each.pair[0] !== each.pair[1]) continue;
    const crossed = (around(each.start)?.end ?? Infinity) < each.end || (around(each.end)?.start ?? -1) > each.start;
    each.mispaired = crossed ? "certain" : [...positions(text, each.pair[0])].length % 2 ? "possible" : undefined;
  }
  return ranges;
}

function breaksStrongly(text, [start, end]) {
  if (text.slice(start, end) !== ".") return false;
  const next = trimStart(following(text, end));
  const head = text.slice(0, start), last = lastWord(head), whole = lastWordWhole(head);
  if (!isCapital(next[0]) || last === "" || isInitial(last)) return false;
  if (ABBREVIATIONS.has(last.toLowerCase()) || (whole.length > last.length && ABBREVIATIONS.has(whole.toLowerCase()))) return false;
  return SYMMETRIC.includes(last) || startsSentence(next);
}

/** Where a sentence ends that ends within a quotation, right before its end; or null. */
function endOfQuotation(text, range, boundary) {
  const closes = CLOSERS.some((each) => boundary + each.length === range.end && text.slice(0, range.end).endsWith(each));
  if (!range.pair || !closes) return null;
  const next = following(text, range.end);
  if (goesOnNext(next.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "")) || GOES_ON.test(next)) return null;
  return range.end + next.match(SPACE_OR_END)[0].length;
}

function isOrphan(text, boundary, closer, ranges) {
  if (!SYMMETRIC.includes(closer)) return true;
  const candidates = [...positions(text, closer)].filter((at) => isCandidate(text, at, closer, ranges));
  const before = candidates.filter((at) => at < boundary).length;
  return before % 2 === 1 || (before === 0 && candidates.length === 1);
}

/** Past a closing quotation mark that nothing opens. */
function pastOrphan(text, boundary, ranges) {
  if (ranges.some(({ start }) => start === boundary)) return boundary;
  const closer = CLOSERS.find((each) => text.startsWith(each, boundary) && isOrphan(text, boundary, each, ranges));
  if (closer === undefined) return boundary;
  const opensNext = SYMMETRIC.includes(closer) && (boundary === 0 || isSpace(text[boundary - 1])) &&
    opensUtterance(text, boundary + closer.length) &&
    ranges.some(({ start, end, pair }) => end <= boundary && pair && pair[0] === pair[1] && text.startsWith(closer, start));
  if (opensNext) return boundary;
  const skip = (sticky, at) => {
    sticky.lastIndex = at;
    return sticky.test(text) ? sticky.lastIndex : at;
  };
  let at = skip(NEXT_SPACE, boundary + closer.length);
  for (let next = skip(NEXT_TERMINATOR, at); next > at; next = skip(NEXT_TERMINATOR, at)) at = skip(NEXT_SPACE, next);
  return at;
}

const LIST_MARKS = [
  ["certain", /^(?:[•◦▪▫■□●○⁃⁌⁍◆◇★☆➤➢➣▶▸►]|\((?:[0-9]{1,2}|[A-Za-z]|[ivxlcdm]+|[IVXLCDMivxlcdm]+)\))/],
  ["roman", /^[IVXLCDMivxlcdm]{2,}(?:\.\)|[.)])/],
  ["number", /^[0-9]+(?:\.\)|[.)])/],
  ["bullet", /^[*+-]/],
  ["letter in parentheses", /^[A-Za-z](?:\)|\.\))/],
  ["letter and dot", /^[a-z]\./],
];

function listMark(line) {
  for (const [family, pattern] of LIST_MARKS) {
    const [mark] = line.match(pattern) ?? [];
    if (!mark) continue;
    const [, next] = line.slice(mark.length).match(/^[ \t]+([^])/u) ?? [];
    return next && next !== "\n" && next !== "\r" ? { family, mark, next } : null;
  }
  return null;
}

/** Where the items of a list start, if there is one. */
function listStarts(text) {
  let found = [];
  let start = 0;
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const indent = line.match(/^[ \t]*/)[0].length;
    const atStart = listMark(line.slice(indent));
    if (atStart) found.push({ at: start, inLine: false, ...atStart });
    if (/[)\u2000-\u2fff]/.test(line.slice(indent))) {
      for (const gap of line.slice(indent).matchAll(/[ \t]+/g)) {
        const at = indent + gap.index + gap[0].length;
        if (at >= line.length || /[\n\r]/.test(line[at])) break;
        const inside = listMark(line.slice(at));
        if (!inside || inside.family === "bullet" || /\p{Lowercase}/u.test(inside.next)) continue;
        const bareDot = inside.mark.endsWith(".") && ["number", "letter and dot", "roman"].includes(inside.family);
        if (!bareDot) found.push({ at: start + at, inLine: true, ...inside });
      }
    }
    start += line.length;
  }
  if (found.some(({ family }) => family === "roman")) {
    for (const each of found) {
      if (each.family.startsWith("letter") && /^[ivxlcdm]/i.test(each.mark)) each.family = "roman";
    }
  }
  const last = {};
  const bytes = (from, to) => new TextEncoder().encode(text.slice(from, to)).length;
  found = found.filter(({ family, at }) => {
    const keep = last[family] === undefined || bytes(last[family], at) >= 4;
    if (keep) last[family] = at;
    return keep;
  });
  const of = (family) => found.filter((each) => each.family === family);
  const certain = of("certain");
  if (certain.some(({ inLine }) => !inLine) || certain.length >= 2) return certain.map(({ at }) => at);
  const lists = LIST_MARKS.map(([family]) => of(family)).filter((items) => items.length >= 2);
  lists.sort((one, other) => other.length - one.length || one[0].at - other[0].at);
  return (lists[0] ?? []).map(({ at }) => at);
}

/** The sentences of a paragraph, one after the other, spaces included. */
function segmentParagraph(text) {
  const ranges = protectedRanges(text), items = listStarts(text);
  ranges.push(...items.map((start, number) => ({ start, end: items[number + 1] ?? text.length })));
  const bounds = [0];
  for (const terminator of terminators(text)) {
    const boundary = findBoundary(text, terminator);
    if (boundary === null) continue;
    const range = ranges.find((each) => boundary > each.start && boundary < each.end && each.mispaired !== "certain" &&
      !(each.mispaired === "possible" && breaksStrongly(text, terminator)));
    const at = range ? endOfQuotation(text, range, boundary) : pastOrphan(text, boundary, ranges);
    if (at !== null && at > bounds.at(-1)) bounds.push(at);
  }
  const ends = [...new Set([...bounds, ...items, text.length])].sort((one, other) => one - other);
  return ends.slice(1).map((end, number) => text.slice(ends[number], end));
}

/** The text in pieces: sentences, and what stands between paragraphs. */
function segment(text) {
  return text.split(/(\n\r*\n)/).flatMap((piece, number) => (number % 2 ? [piece] : segmentParagraph(piece))).filter(Boolean);
}

const LEFT_BEHIND = new RegExp(`(?<=[.!?])[${SPACE}]+["'“‘][${SPACE}]*$`); // a mark that opens the next sentence

/** Start and end of every sentence, without the space around it, as words.py has them. */
export function splitSentences(text) {
  const spans = [];
  let position = 0, carried = 0;
  for (const piece of segment(text)) {
    let start = text.indexOf(piece, position);
    position = start + piece.length;
    start -= carried;
    const behind = text.slice(start, position).match(LEFT_BEHIND);
    carried = behind ? position - start - behind.index : 0;
    const sentence = text.slice(start, position - carried), bare = strip(sentence);
    if (bare) {
      const begin = start + sentence.indexOf(bare);
      spans.push([begin, begin + bare.length]);
    } else carried = 0;
  }
  return spans;
}
