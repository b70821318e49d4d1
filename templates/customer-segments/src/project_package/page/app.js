import { ask, complain, element, get } from "./service.js";

const form = document.querySelector("#customer");
const result = document.querySelector("#result");
const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const EXAMPLES = [
  ["Came once, in spring", ["1997-03-02 18.49"]],
  ["Comes every month", ["1997-01-12 25.00", "1997-02-20 31.50", "1997-04-03 22.99", "1997-05-18 40.00", "1997-07-01 28.75", "1997-09-14 35.20"]],
  ["Spent much, then fell silent", ["1997-01-05 120.00", "1997-01-19 89.90", "1997-02-02 145.00"]],
];

/** Lines such as "1997-03-02 18.49" as the service takes them. */
function orders(text) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  return lines.map((line) => {
    const [date, amount, ...more] = line.split(/[\s,;]+/);
    if (more.length || amount === undefined || Number.isNaN(Number(amount))) {
      throw new Error(`“${line}” is no day with dollars, such as 1997-03-02 18.49.`);
    }
    return { date, amount: Number(amount) };
  });
}

const middle = ({ customers, recency, frequency, money }) =>
  `${whole.format(customers)} customers; in the middle: ${whole.format(frequency)} ${frequency === 1 ? "order" : "orders"}, ` +
  `the last ${whole.format(recency)} days ago, ${dollars.format(money)} in all`;

function show({ days, orders: coming, spend, effects, segment, segments, profile, letter }) {
  document.querySelector("#orders-expected").textContent =
    `${coming.toFixed(coming < 1 ? 2 : 1)} orders and ${dollars.format(spend)} in the next ${days} days, on average of such customers.`;
  document.querySelector("#segment").textContent = `Segment ${segment} of ${segments} (1 is worth most). ${middle(profile)}.`;
  document.querySelector("#letter").textContent = letter >= 0
    ? `A letter pays: ${dollars.format(letter)} more than it costs, if it works as assumed.`
    : `A letter does not pay: it loses ${dollars.format(-letter)}, if it works as assumed.`;
  const size = (effect) => Math.abs(Math.log(1 + effect));
  const largest = Math.max(...effects.map(([, effect]) => size(effect)), 1e-9);
  document.querySelector("#effects").replaceChildren(
    ...effects.map(([name, effect]) => {
      const bar = element("span", { className: `bar ${effect > 0 ? "good" : "bad"}` });
      bar.style.width = `${(size(effect) / largest) * 100}%`;
      return element("li", {}, element("span", {}, name), bar, element("span", { className: "amount" }, `×\u2009${(1 + effect).toFixed(2)}`));
    }),
  );
  result.hidden = false;
}

async function forecast() {
  complain();
  try {
    show(await ask("/predict", { orders: orders(form.orders.value), today: form.today.value }));
  } catch (error) {
    result.hidden = true;
    complain(error.message);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  forecast();
});
document.querySelector("#examples").append(
  ...EXAMPLES.map(([name, lines]) => {
    const button = element("button", { type: "button", className: "plain" }, name);
    button.addEventListener("click", () => {
      form.orders.value = lines.join("\n");
      form.today.value = form.today.defaultValue;
      forecast();
    });
    return button;
  }),
);
get("/segments").then(
  (profiles) => document.querySelector("#segments").append(...profiles.map((profile) => element("li", {}, `${middle(profile)}; ${dollars.format(profile.expected_spend)} expected of each.`))),
  (error) => complain(error.message),
);
