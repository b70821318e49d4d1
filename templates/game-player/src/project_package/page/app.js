import { ask, complain, element, get } from "./service.js";

const find = (id) => document.querySelector(`#${id}`);
const COLOURS = ["orange", "blue"];
const THINKING_TIME = 350; // ms: a reply at once looks as if nothing had happened

let games = {};
let game;
let moves = [];
let opinion;
let round = 0; // grows with every change, so that a late answer is thrown away
let focused = 0;

const mySide = () => Number(find("side").value);
const myTurn = () => opinion && !opinion.finished && opinion.to_move === mySide();
const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;
const wait = (time) => new Promise((done) => setTimeout(done, time));

function moveName(move) {
  if (game.falls) return `column ${move + 1}`;
  if (move >= game.rows * game.columns) return "pass";
  return `row ${Math.floor(move / game.columns) + 1}, column ${(move % game.columns) + 1}`;
}

function stoneName(stone) {
  return stone ? COLOURS[stone - 1] : "empty";
}

/** Ask about the position; null when another question has come in between. */
async function consider(strength) {
  const asked = ++round;
  const answer = await ask("/predict", { game: game.name, moves, strength });
  return asked === round ? answer : null;
}

async function refresh() {
  complain();
  try {
    let answer = await consider(find("strength").value);
    while (answer && !answer.finished && answer.to_move !== mySide()) {
      opinion = answer;
      draw("It is thinking …");
      const asked = round;
      await wait(THINKING_TIME);
      if (asked !== round) return;
      moves.push(answer.choice);
      answer = await consider(find("strength").value);
    }
    if (!answer) return;
    opinion = answer;
    draw(describe());
  } catch (error) {
    complain(error.message);
  }
}

function describe() {
  if (opinion.finished) {
    if (opinion.winner === null) return "A draw.";
    return opinion.winner === mySide() ? "You win. Well played!" : "It wins.";
  }
  const last = moves.length ? ` It played ${moveName(moves.at(-1))}.` : "";
  return `Your move: you are ${COLOURS[mySide()]}.${last}`;
}

function play(move) {
  if (!myTurn() || !opinion.moves.some((rated) => rated.move === move)) return;
  moves.push(move);
  const before = opinion;
  opinion = { ...before, to_move: 1 - before.to_move, moves: [] };
  opinion.cells = placed(before.cells, move, before.to_move + 1);
  draw("It is thinking …");
  refresh();
}

/** The board with the stone just placed; captures follow with the service's answer. */
function placed(cells, move, stone) {
  const after = [...cells];
  if (move >= cells.length) return after;
  let cell = move;
  while (game.falls && after[cell] !== 0) cell += game.columns;
  after[cell] = stone;
  return after;
}

function lastCell() {
  const move = moves.at(-1);
  if (move === undefined || !opinion) return -1;
  if (!game.falls) return move;
  let cell = move;
  while (cell + game.columns < opinion.cells.length && opinion.cells[cell + game.columns] !== 0) cell += game.columns;
  return cell;
}

function draw(sentence) {
  find("status").textContent = sentence;
  const board = find("board");
  const hadFocus = board.contains(document.activeElement);
  board.className = `board ${game.falls ? "" : "square"}`;
  board.style.gridTemplateColumns = `repeat(${game.columns}, 1fr)`;
  const values = new Map(find("show").checked && myTurn() ? opinion.moves.map((m) => [m.move, m.value]) : []);
  const legal = new Set(myTurn() ? opinion.moves.map((m) => m.move) : []);
  const last = lastCell();
  const buttons = game.falls
    ? [...Array(game.columns).keys()].map((column) => columnButton(column, last, values))
    : cellOrder().map((cell) => cellButton(cell, last, values));
  buttons.forEach((button, place) => {
    const move = Number(button.dataset.move);
    if (!legal.has(move)) button.setAttribute("aria-disabled", "true");
    button.tabIndex = place === focused ? 0 : -1;
    button.addEventListener("click", () => { focused = place; play(move); });
  });
  board.replaceChildren(...buttons);
  if (hadFocus) buttons[focused]?.focus();
  const pass = game.rows * game.columns;
  find("pass").hidden = game.name !== "go";
  find("pass").disabled = !legal.has(pass);
  find("back").disabled = moves.length <= mySide();
  drawValues(values);
}

/** Cells from the top row down: Go's rows count from the bottom, tic-tac-toe's from the top. */
function cellOrder() {
  const rows = [...Array(game.rows).keys()];
  if (game.name === "go") rows.reverse();
  return rows.flatMap((row) => [...Array(game.columns).keys()].map((column) => row * game.columns + column));
}

function disc(cell, last, text = "") {
  const stone = opinion.cells[cell];
  return element("span", { className: `cell${stone ? ` stone-${stone}` : ""}${cell === last ? " last" : ""}` },
    element("span", {}, stone ? "" : text));
}

function columnButton(column, last, values) {
  const cells = [...Array(game.rows).keys()].map((row) => (game.rows - 1 - row) * game.columns + column);
  const stones = cells.map((cell) => opinion.cells[cell]).filter(Boolean).reverse().map(stoneName);
  const value = values.has(column) ? signed(values.get(column)) : "";
  const button = element("button", { type: "button", className: "column" },
    element("span", { className: "value" }, value || "\u00a0"), ...cells.map((cell) => disc(cell, last)));
  button.dataset.move = column;
  button.setAttribute("aria-label",
    `Column ${column + 1}: ${stones.length ? `from the bottom ${stones.join(", ")}` : "empty"}${value ? `; value ${value}` : ""}`);
  return button;
}

function cellButton(cell, last, values) {
  const value = values.has(cell) ? signed(values.get(cell)) : "";
  const button = element("button", { type: "button" }, disc(cell, last, value));
  button.dataset.move = cell;
  const name = moveName(cell);
  button.setAttribute("aria-label",
    `${name[0].toUpperCase()}${name.slice(1)}: ${stoneName(opinion.cells[cell])}${value ? `; value ${value}` : ""}`);
  return button;
}

function drawValues(values) {
  find("opinion").hidden = values.size === 0;
  const best = [...values].sort((a, b) => b[1] - a[1]).slice(0, 9);
  find("values").replaceChildren(
    ...best.map(([move, value]) => {
      const bar = element("span", { className: `bar ${value < 0 ? "bad" : "good"}` });
      bar.style.width = `${Math.abs(value) * 100}%`;
      return element("li", {}, element("span", {}, moveName(move)), bar, element("span", { className: "amount" }, signed(value)));
    }),
  );
}

function newGame() {
  game = games[find("game").value];
  moves = [];
  focused = game.falls ? 3 : Math.floor((game.rows * game.columns) / 2);
  find("keys").textContent = game.falls
    ? "Keys: arrows or 1 to 7 choose a column, Enter drops a disc."
    : "Keys: arrows choose a cell, Enter places a stone.";
  opinion = { cells: Array(game.rows * game.columns).fill(0), to_move: 0, finished: false, winner: null, moves: [] };
  draw("New game.");
  refresh();
}

/** Back to my last turn: its reply goes with my move. */
function takeBack() {
  if (moves.length <= mySide()) return;
  do moves.pop(); while (moves.length % 2 !== mySide());
  refresh();
}

function moveFocus(event) {
  const buttons = [...find("board").children];
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -game.columns, ArrowDown: game.columns };
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  let next = null;
  if (event.key in steps && (!game.falls || Math.abs(steps[event.key]) === 1)) next = focused + steps[event.key];
  if (game.falls && /^[1-7]$/.test(event.key)) next = Number(event.key) - 1;
  if (next === null || !buttons[next]) return;
  event.preventDefault();
  buttons[focused].tabIndex = -1;
  focused = next;
  buttons[focused].tabIndex = 0;
  buttons[focused].focus();
}

async function start() {
  try {
    const choices = await get("/games");
    games = Object.fromEntries(choices.games.map((each) => [each.name, each]));
    const option = ({ name, title }) => element("option", { value: name }, title);
    find("game").replaceChildren(...choices.games.map(option));
    find("strength").replaceChildren(...choices.strengths.map(option));
    find("strength").value = "thoughtful";
  } catch (error) {
    complain(error.message);
    return;
  }
  find("board").addEventListener("keydown", moveFocus);
  find("game").addEventListener("change", newGame);
  find("side").addEventListener("change", newGame);
  find("strength").addEventListener("change", refresh);
  find("again").addEventListener("click", newGame);
  find("back").addEventListener("click", takeBack);
  find("pass").addEventListener("click", () => play(game.rows * game.columns));
  find("show").addEventListener("change", () => draw(find("status").textContent));
  find("settings").addEventListener("submit", (event) => event.preventDefault());
  newGame();
}

start();
