// The forecaster in the browser: what serve.py, predict.py, model.py and segments.py do to one customer.

const DAY = 86_400_000; // milliseconds
const ISO = /^\d{4}-\d{2}-\d{2}$/;

export async function load(read) {
  const about = JSON.parse(new TextDecoder().decode(await read("customers.json")));
  const { regressions, typical, days, profiles, middles, mean, scale, letter } = about;

  /** The number of a day, or an Error that names it. */
  function dayOf(text) {
    const number = ISO.test(text) ? Date.parse(`${text}T00:00:00Z`) / DAY : NaN;
    if (!Number.isFinite(number) || new Date(number * DAY).toISOString().slice(0, 10) !== text) {
      throw new Error(`${text || "nothing"} is no day such as 1997-03-01.`);
    }
    if (text < about.first_day || text > about.last_day) throw new Error(`${text}: days lie between ${about.first_day} and ${about.last_day}.`);
    return number;
  }

  /** What is known of a customer: days since the last order and the first, days with an order, dollars. */
  function describe({ orders, today }) {
    const now = dayOf(today);
    if (!Array.isArray(orders) || orders.length === 0) throw new Error("A customer has at least one order.");
    if (orders.length > about.most_orders) throw new Error(`At most ${about.most_orders} orders.`);
    const ago = orders.map(({ date }) => now - dayOf(date));
    const money = orders.map(({ amount }) => {
      if (typeof amount !== "number" || !(amount >= 0 && amount <= about.most_dollars)) {
        throw new Error(`${amount} is no amount from 0 to ${about.most_dollars} dollars.`);
      }
      return amount;
    });
    if (Math.min(...ago) < 0) throw new Error("An order lies after the day from which on is asked.");
    return {
      recency: Math.min(...ago), age: Math.max(...ago), frequency: new Set(ago).size,
      money: money.reduce((sum, amount) => sum + amount, 0),
    };
  }

  function terms({ recency, age, frequency, money }) {
    const known = Math.max(age, 1);
    return [Math.log1p(money), Math.log(frequency), recency / known, Math.log(known)];
  }

  function expect({ slopes, start }, customer) {
    return days * Math.exp(terms(customer).reduce((sum, term, place) => sum + slopes[place] * term, start));
  }

  /** The segment whose middle is nearest, from 1, the most valuable. */
  function segmentOf({ recency, frequency, money }) {
    const point = [Math.log1p(recency), Math.log(frequency), Math.log1p(money)];
    const at = point.map((value, place) => (value - mean[place]) / scale[place]);
    const far = middles.map((middle) => middle.reduce((sum, value, place) => sum + (value - at[place]) ** 2, 0));
    return far.indexOf(Math.min(...far)) + 1;
  }

  function forecast(given) {
    const customer = describe(given);
    const spend = expect(regressions.spend, customer);
    const usual = terms(typical);
    const effects = terms(customer).map((term, place) => [
      about.terms[place], Math.exp(regressions.spend.slopes[place] * (term - usual[place])) - 1,
    ]);
    effects.sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
    const segment = segmentOf(customer);
    return {
      days, orders: expect(regressions.orders, customer), spend, effects, segment,
      segments: profiles.length, profile: profiles[segment - 1], letter: spend * letter.lift * letter.margin - letter.cost,
    };
  }

  return { post: { "/predict": async (given) => forecast(given) }, get: { "/segments": async () => profiles } };
}
