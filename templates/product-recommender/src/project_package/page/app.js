import { ask, complain, element, get } from "./service.js";

const DEGREES = [
  { power: 0, name: "as measured" },
  { power: 0.15, name: "a little off the beaten track" },
  { power: 0.3, name: "lesser-known films" },
  { power: 0.45, name: "surprise me" },
];
const STARTERS = 12;
const FEW = 5;
const MOST = 100;

const search = document.querySelector("#search");
const suggestions = document.querySelector("#suggestions");
const adventure = document.querySelector("#adventure");
const liked = new Map(); // film number → title
let selected = -1;
let latest = 0;

const named = ({ title, year }) => (year ? `${title} (${year})` : title);

/** Films by the words of their titles, best known first. */
async function find(query, length = 8) {
  return (await get("/films", { query, length })).films;
}

async function suggest() {
  const query = search.value.trim();
  if (query === "") return close();
  try {
    const films = await find(query);
    if (query !== search.value.trim()) return; // a later key was faster
    complain();
    show(films.filter(({ film }) => !liked.has(film)));
  } catch (error) {
    close();
    complain(error.message);
  }
}

function show(films) {
  selected = films.length > 0 ? 0 : -1;
  const rows = films.map((film, place) => {
    const row = element("li", { id: `film-${film.film}`, role: "option" }, named(film), " ");
    row.append(element("span", { className: "hint" }, film.genres.join(", ").toLowerCase()));
    row.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
    row.addEventListener("click", () => pick(film));
    row.choose = () => pick(film);
    row.ariaSelected = String(place === selected);
    return row;
  });
  if (rows.length === 0) rows.push(element("li", { className: "nothing" }, "No such film here."));
  suggestions.replaceChildren(...rows);
  suggestions.hidden = false;
  search.ariaExpanded = "true";
  mark();
}

function mark() {
  const rows = [...suggestions.querySelectorAll("[role=option]")];
  rows.forEach((row, place) => (row.ariaSelected = String(place === selected)));
  const active = rows[selected];
  search.setAttribute("aria-activedescendant", active ? active.id : "");
  active?.scrollIntoView({ block: "nearest" });
}

function close() {
  suggestions.hidden = true;
  search.ariaExpanded = "false";
  search.setAttribute("aria-activedescendant", "");
}

search.addEventListener("input", suggest);
search.addEventListener("blur", close);
search.addEventListener("keydown", (event) => {
  const rows = suggestions.hidden ? [] : [...suggestions.querySelectorAll("[role=option]")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") close();
  else if (event.key === "Enter") rows[selected]?.choose();
  else if (step && rows.length > 0) selected = (selected + step + rows.length) % rows.length;
  else return;
  event.preventDefault();
  mark();
});

function pick(film) {
  if (liked.size >= MOST) return complain(`${MOST} films are the most that can be picked.`);
  liked.set(film.film, named(film));
  search.value = "";
  close();
  refresh();
}

function chip(text, label, action) {
  const button = element("button", { type: "button", ariaLabel: label }, text);
  button.addEventListener("click", action);
  return button;
}

function showPicks() {
  document.querySelector("#picks").hidden = liked.size === 0;
  document.querySelector("#liked").replaceChildren(
    ...[...liked].map(([film, title]) =>
      chip(`${title} ×`, `take out ${title}`, () => {
        liked.delete(film);
        refresh();
        (document.querySelector("#liked button") ?? search).focus();
      }),
    ),
  );
  for (const starter of document.querySelectorAll("#starters button")) {
    starter.hidden = liked.has(Number(starter.dataset.film));
  }
  history.replaceState(null, "", liked.size ? `#${[...liked.keys()].join("-")}` : location.pathname);
}

function because(reasons) {
  const text = element("p", { className: "because" });
  if (reasons.length === 0) {
    text.append("None of your films speaks for it in particular.");
    return text;
  }
  text.append("Because you liked ");
  reasons.forEach(({ title, share }, place) => {
    const joint = place === 0 ? "" : place === reasons.length - 1 ? " and " : ", ";
    text.append(joint, element("b", {}, title), ` (${Math.round(share * 100)}\u00a0%)`);
  });
  return text;
}

function row({ film, strength, because: reasons }) {
  const bar = element("div", { className: "strength" });
  bar.style.width = `${Math.max(2, strength * 100)}%`;
  const facts = `${film.genres.join(", ").toLowerCase()} · known to ${film.known_by} people`;
  const own = element("button", { type: "button", className: "plain" }, "Like it");
  own.ariaLabel = `I like ${named(film)}`;
  own.addEventListener("click", () => pick(film));
  return element(
    "li", {},
    element("div", {}, element("h3", {}, named(film)), element("p", { className: "hint" }, facts), because(reasons), bar),
    own,
  );
}

async function refresh() {
  const { power, name } = DEGREES[adventure.value];
  document.querySelector("#degree").textContent = name;
  showPicks();
  complain();
  const result = document.querySelector("#result");
  const request = ++latest;
  if (liked.size === 0) {
    result.hidden = true;
    return;
  }
  try {
    const answer = await ask("/predict", { liked: [...liked.keys()], adventure: power });
    if (request !== latest) return; // another film was picked meanwhile
    const { recommendations } = answer;
    for (const film of answer.liked) liked.set(film.film, named(film));
    showPicks();
    document.querySelector("#list").replaceChildren(...recommendations.map(row));
    const count = `${recommendations.length} films for ${liked.size === 1 ? "the film" : `the ${liked.size} films`} you like`;
    document.querySelector("#status").textContent = `${count}; the bars compare each with the first.${liked.size < FEW ? " Pick more, and the list knows more of you." : ""}`;
    result.hidden = false;
  } catch (error) {
    result.hidden = true;
    complain(error.message);
  }
}

adventure.addEventListener("input", refresh);
document.querySelector("#clear").addEventListener("click", () => {
  liked.clear();
  refresh();
  search.focus();
});

async function start() {
  try {
    const films = await find("", STARTERS);
    document.querySelector("#starters").replaceChildren(
      ...films.map((film) => {
        const button = chip(named(film), `I like ${named(film)}`, () => pick(film));
        button.dataset.film = film.film;
        return button;
      }),
    );
    for (const film of shared()) liked.set(film, `film ${film}`); // the answer brings the title
    refresh();
  } catch (error) {
    complain(error.message);
  }
}

/** Film numbers in the address, so that a list can be sent to a friend. */
function shared() {
  return location.hash.slice(1).split("-").map(Number).filter((film) => film > 0).slice(0, MOST);
}

start();
