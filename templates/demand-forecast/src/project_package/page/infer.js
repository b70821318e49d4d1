// The appraiser in the browser: what serve.py, predict.py and model.py do to one house.
import { boosting } from "./trees.js";

const PLACE = ["zipcode", "latitude", "longitude", "sqft_living_15nn", "sqft_lot_15nn"];
const SIZE = ["sqft_living", "sqft_above", "sqft_basement"];

export async function load(read) {
  const [about, ...trees] = await Promise.all(["house.json", "chosen.bin", "low.bin", "high.bin"].map(read));
  const { features, shrink, typical, districts, margin, coverage, effects_shown, fields } =
    JSON.parse(new TextDecoder().decode(about));
  const [chosen, low, high] = trees.map(boosting);
  const groups = [["place", PLACE], ["size", SIZE]];
  groups.push(...features.filter((name) => ![...PLACE, ...SIZE].includes(name)).map((name) => [name, [name]]));

  /** What the visitor said, within its limits, and the defaults of what was left out. */
  function check(given) {
    const house = {};
    for (const [name, limits] of Object.entries(fields)) {
      const value = given[name] ?? limits.default;
      if (value === null) continue;
      if (Number.isNaN(Number(value)) || (limits.least !== null && (value < limits.least || value > limits.most))) {
        throw new Error(`${name}: ${limits.least} to ${limits.most}.`);
      }
      house[name] = Number(value);
    }
    if (house.sqft_basement >= house.sqft_living) throw new Error("The basement must be smaller than the whole living area.");
    return house;
  }

  /** Every feature: what was given, then its district, then the typical house. */
  function complete(house) {
    if (!(house.zipcode in districts)) {
      const known = Object.keys(districts).sort();
      throw new Error(`No sale in zip code ${house.zipcode} was seen in training (known: ${known[0]} to ${known.at(-1)}).`);
    }
    const filled = { ...typical, ...districts[house.zipcode], ...house };
    return { ...filled, sqft_above: filled.sqft_living - filled.sqft_basement };
  }

  function price(house) {
    const east = house.longitude * shrink;
    const row = features.map((name) => house[name]);
    return Math.exp(chosen([...row, house.latitude + east, house.latitude - east]));
  }

  function appraise(given) {
    const house = complete(check(given));
    const value = price(house);
    const row = features.map((name) => house[name]);
    const effects = groups.map(([group, names]) => {
      const changed = { ...house };
      for (const name of names) changed[name] = typical[name];
      return [group, value / price(changed) - 1];
    });
    effects.sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
    return {
      price: value,
      low: Math.min(Math.exp(low(row) - margin), value),
      high: Math.max(Math.exp(high(row) + margin), value),
      coverage,
      effects: effects.slice(0, effects_shown),
    };
  }

  return {
    post: { "/predict": async (house) => appraise(house) },
    get: { "/districts": async () => Object.keys(districts).map(Number).sort((one, other) => one - other) },
  };
}
