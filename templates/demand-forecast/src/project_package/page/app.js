import { ask, complain, element, get } from "./service.js";

const form = document.querySelector("#house");
const result = document.querySelector("#result");
const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 0 });
const WORDS = {
  place: "district", size: "living area", sqft_lot: "lot", year_built: "year built", year_renovated: "renovation",
  month_of_sale: "month of sale",
};

function rounded(price) {
  return dollars.format(Math.round(price / 1000) * 1000);
}

function show({ price, low, high, coverage, effects }) {
  document.querySelector("#price").textContent = rounded(price);
  document.querySelector("#interval").textContent =
    `${rounded(low)} to ${rounded(high)}, meant to hold ${Math.round(100 * coverage)} % of such prices.`;
  const left = low * 0.8, width = high * 1.2 - left;
  const share = (value) => `${((value - left) / width) * 100}%`;
  Object.assign(document.querySelector("#span").style, { left: share(low), right: `calc(100% - ${share(high)})` });
  document.querySelector("#point").style.left = share(price);
  const shown = effects.filter(([, effect]) => Math.abs(effect) >= 0.005);
  const largest = Math.max(...shown.map(([, effect]) => Math.abs(effect)), 1e-9);
  document.querySelector("#effects").replaceChildren(
    ...shown.map(([name, effect]) => {
      const bar = element("span", { className: `bar ${effect > 0 ? "good" : "bad"}` });
      bar.style.width = `${(Math.abs(effect) / largest) * 100}%`;
      const amount = `${effect > 0 ? "+" : "−"}${Math.abs(effect * 100).toFixed(0)} %`;
      return element("li", {}, element("span", {}, WORDS[name] ?? name), bar, element("span", { className: "amount" }, amount));
    }),
  );
  if (shown.length === 0) {
    document.querySelector("#effects").append(element("li", {}, "Nothing: this is the typical house."));
  }
  result.hidden = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  complain();
  const house = Object.fromEntries(new FormData(form));
  for (const name of Object.keys(house)) house[name] = Number(house[name]);
  house.waterfront = form.waterfront.checked;
  try {
    show(await ask("/predict", house));
  } catch (error) {
    result.hidden = true;
    complain(error.message);
  }
});

get("/districts").then(
  (districts) => document.querySelector("#zipcode").append(...districts.map((zipcode) => element("option", {}, String(zipcode)))),
  (error) => complain(error.message),
);
