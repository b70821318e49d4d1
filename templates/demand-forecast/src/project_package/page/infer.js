// The forecaster in the browser: what serve.py, predict.py and model.py do with one history.
import { boosting } from "./trees.js";

const SLOTS = 48, NOON = 24, WEEK = 7, DAY = 86_400_000;
const WORKING = 0, SATURDAYS = 1, FREE = 2;

const sum = (values) => values.reduce((all, value) => all + value, 0);
const mean = (values) => sum(values) / values.length;
const minus = (one, other) => one.map((value, place) => value - other[place]);
const round = (value) => Math.round(value * 1e6) / 1e6;

export async function load(read) {
  const about = JSON.parse(new TextDecoder().decode(await read("forecast.json")));
  const { settings, ridges, seen, places, margins, typical, groups, usual, limits } = about;
  const files = settings.bases.map((_, number) => `boosting${number}.bin`);
  const trees = (await Promise.all(files.map(read))).map(boosting);
  const heat = (degrees) => mean(degrees.map((value) => Math.max(value - settings.warm, 0)));
  const cold = (degrees) => mean(degrees.map((value) => Math.max(settings.cool - value, 0)));

  const felt = (noon, whole) => [
    Math.max(noon - settings.warm, 0), Math.max(settings.cool - noon, 0),
    Math.max(Math.max(...whole) - settings.hot, 0), Math.max(settings.chilly - mean(whole), 0),
  ];

  /** The days of a request: demand in logarithms, temperature, weekday from Monday, kind of day. */
  function days({ date, demand, temperature, holidays = [] }) {
    const asked = Date.parse(`${date}T00:00Z`);
    if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(asked)) throw new Error("date: a day such as 2015-02-03.");
    for (const [name, values] of Object.entries({ demand, temperature })) {
      const [least, most] = limits[name];
      if (!Array.isArray(values) || !values.every((value) => typeof value === "number" && value >= least && value <= most)) {
        throw new Error(`${name}: numbers from ${least} to ${most}.`);
      }
    }
    const whole = Math.floor(demand.length / SLOTS);
    if (demand.length % SLOTS !== NOON || temperature.length !== demand.length || whole > limits.longest) {
      throw new Error(`Demand and temperature need ${SLOTS} values for each whole day and ${NOON} of today, ${limits.longest} days at most.`);
    }
    if (whole < usual.days) throw new Error(`${usual.days} whole days before today are needed, and there are ${whole}.`);
    return Array.from({ length: whole + 2 }, (_, number) => {
      const time = new Date(asked - (whole + 1 - number) * DAY), name = time.toISOString().slice(0, 10);
      const weekday = (time.getUTCDay() + 6) % 7;
      const working = weekday < 5 && !holidays.includes(name);
      const cut = (values) => values.slice(number * SLOTS, (number + 1) * SLOTS);
      return {
        name, weekday, working, kind: working ? WORKING : weekday === 5 ? SATURDAYS : FREE,
        log: cut(demand).map(Math.log), warmth: cut(temperature),
      };
    });
  }

  /** The last days of the kind of `day` before `before`, the latest first. */
  function sameKind(all, day, before, count = 1) {
    const found = [];
    for (let each = before - 1; each >= 0 && found.length < count; each--) {
      if (all[each].log.length === SLOTS && all[each].kind === all[day].kind) found.push(each);
    }
    return found.length ? found : [Math.max(day - WEEK, 0)];
  }

  /** The mean logarithm of demand of the last days of a kind, half-hour by half-hour. */
  const middle = (all, days) => all[days[0]].log.map((_, slot) => mean(days.map((each) => all[each].log[slot])));

  /** Where a forecast starts, and what is known at noon of the day before: a row for each half-hour. */
  function known(all, day, count) {
    const [today, yesterday, asked, week] = [all[day - 1], all[day - 2], all[day], all[day - WEEK]];
    const starts = sameKind(all, day, day - 1, count), like = sameKind(all, day - 1, day - 1, count);
    const base = middle(all, starts), usual = middle(all, like).slice(0, NOON);
    const warm = starts.map((each) => all[each].warmth), warmBase = warm[0].map((_, slot) => mean(warm.map((each) => each[slot])));
    const morning = minus(today.log.slice(0, NOON), usual);
    const passed = minus(yesterday.log, middle(all, sameKind(all, day - 2, day - 2, count)));
    const now = today.warmth.slice(0, NOON), before = yesterday.warmth;
    const alike = like.flatMap((each) => all[each].warmth.slice(0, NOON));
    const daily = [
      mean(morning), ...[[20, 24], [0, 6], [6, 12], [12, 16], [16, 20]].map((part) => mean(morning.slice(...part))),
      mean(passed), mean(passed.slice(NOON)), mean(base) - mean(week.log), mean(usual) - mean(base.slice(0, NOON)),
      day - mean(starts), mean(base),
      now.at(-1), Math.min(...now), mean(now), mean(before), Math.max(...before), before[NOON - 1],
      mean(warmBase), mean(warm.map((each) => Math.max(...each))), now.at(-1) - warmBase[NOON - 1],
      mean(now) - mean(warmBase.slice(0, NOON)), mean(now) - mean(alike),
      heat(now.slice(20)), cold(now.slice(16)), heat(before.slice(NOON)), cold(before), heat(warm.flat()), cold(warm.flat()),
      ...felt(now.at(-1), before).map((value, place) => value - mean(warm.map((each) => felt(each[NOON - 1], each)[place]))),
      ...[asked.kind === WORKING, asked.kind === SATURDAYS, asked.weekday === 0, asked.weekday === 4, today.working,
        !asked.working && asked.weekday < 5].map(Number),
    ].map(round);
    const rows = base.map((log, slot) => [
      ...daily, round(week.log[slot] - log), round(slot < NOON ? morning[slot] : passed[slot]),
      round(all[starts[0]].log[slot] - log), slot,
    ]);
    return { base, rows };
  }

  /** By how much the logarithm differs from that of one of the bases. */
  function change(rows, number) {
    const share = settings.boosting_share;
    return rows.map((row, slot) => {
      const weights = ridges[number][slot], [least, most] = seen[number];
      const line = sum(places.map((place, nth) => weights[nth] * Math.min(Math.max(row[place], least[slot][nth]), most[slot][nth])));
      return share * trees[number](row) + (1 - share) * (line + weights.at(-1));
    });
  }

  const views = (all, day) => settings.bases.map((count) => known(all, day, count));

  function raw(found) {
    const said = found.map(({ base, rows }, number) => {
      const moved = change(rows, number);
      return base.map((log, slot) => log + moved[slot]);
    });
    return said[0].map((_, slot) => mean(said.map((each) => each[slot])));
  }

  function forecast(given) {
    const all = days(given), day = all.length - 1, found = views(all, day);
    const missed = mean(minus(all[day - 1].log.slice(0, NOON), raw(views(all, day - 1))));
    const carried = settings.carry * missed;
    const demand = raw(found).map((log) => Math.exp(log + carried));
    const level = (each) => mean(each.map((rows, number) => mean(change(rows, number))));
    const plain = level(found.map(({ rows }) => rows));
    const effects = Object.entries(groups).map(([name, places]) => {
      const changed = found.map(({ rows }, number) =>
        rows.map((row) => row.map((value, place) => (places.includes(place) ? typical[number][place] : value))));
      return [name, Math.expm1(plain - level(changed))];
    });
    effects.push(["miss of this morning", Math.expm1(carried)]);
    effects.sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
    const bands = Object.entries(margins).map(([name, wide]) => [name, {
      low: demand.map((value, slot) => value * Math.exp(-wide[slot])),
      high: demand.map((value, slot) => value * Math.exp(wide[slot])),
    }]);
    return { date: all[day].name, demand, bands: Object.fromEntries(bands), base: all[sameKind(all, day, day - 1)[0]].name, effects };
  }

  return { post: { "/predict": async (given) => forecast(given) }, get: { "/usual": async () => usual } };
}
