// The recommender in the visitor's browser: predict.py and model.py once more, for the demo.

const REASONS = 3;

/** The recommender; `read(name)` gives the bytes of a file that demo.py made. */
export async function load(read) {
  const [described, stored] = await Promise.all([read("model.json"), read("weights.bin")]);
  const { films, words, lift, most } = JSON.parse(new TextDecoder().decode(described));
  const weights = new Float32Array(stored); // row by row: what meeting one film says of all
  const count = films.length;
  const places = new Map(films.map(({ film }, place) => [film, place]));
  const byFame = films.map((_, place) => place).sort((one, other) => films[other].known_by - films[one].known_by);

  async function predict({ liked, length = 10, adventure = 0 }) {
    if (!(liked?.length >= 1 && liked.length <= most.liked)) throw new Error(`Name 1 to ${most.liked} films.`);
    checkLength(length);
    const met = [...new Set(liked)].map(placeOf);
    const scores = score(met, adventure);
    const unseen = films.map((_, place) => place).filter((place) => !met.includes(place));
    const best = unseen.sort((one, other) => scores[other] - scores[one]).slice(0, length);
    const top = Math.max(scores[best[0]], Number.MIN_VALUE);
    const recommendations = best.map((place) => ({
      film: films[place],
      strength: Math.max(0, scores[place] / top),
      because: reasons(met, place),
    }));
    return { liked: met.map((place) => films[place]), recommendations };
  }

  async function search({ query = "", length = 10 }) {
    if (query.length > most.query) throw new Error(`A search has at most ${most.query} characters.`);
    checkLength(Number(length));
    const wanted = plain(query).split(" ").filter(Boolean).map((word) => ` ${word}`);
    const found = byFame.filter((place) => wanted.every((word) => ` ${words[place]}`.includes(word)));
    return { films: found.slice(0, length).map((place) => films[place]) };
  }

  function checkLength(length) {
    if (!(length >= 1 && length <= most.length)) throw new Error(`A list has 1 to ${most.length} films.`);
  }

  function placeOf(film) {
    const place = places.get(film);
    if (place === undefined) throw new Error(`There is no film with the number ${film}.`);
    return place;
  }

  /** Sums of the weights in single precision, as the service adds them up, times the lift. */
  function score(met, adventure) {
    const sums = new Float32Array(count);
    for (const one of [...met].sort((a, b) => a - b)) {
      for (let film = 0; film < count; film += 1) sums[film] += weights[one * count + film];
    }
    return films.map(({ known_by: fame }, film) => sums[film] * (lift[film] / (fame + 1) ** adventure));
  }

  /** The liked films that speak most for the one at `place`. */
  function reasons(met, place) {
    const parts = met.map((one) => Math.max(0, weights[one * count + place] * lift[place]));
    const whole = parts.reduce((sum, part) => sum + part, 0);
    return parts
      .map((part, row) => ({ film: films[met[row]].film, title: films[met[row]].title, share: part / whole }))
      .filter(({ share }) => share > 0)
      .sort((one, other) => other.share - one.share)
      .slice(0, REASONS);
  }

  return { post: { "/predict": predict }, get: { "/films": search } };
}

/** Lower case without accents and punctuation, so that "amelie" finds "Amélie". */
function plain(text) {
  const letters = text.toLowerCase().normalize("NFKD").replace(/[\p{Mn}.']/gu, "");
  return letters.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
