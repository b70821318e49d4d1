// The learned player in the visitor's browser: model.py and engine/search.py once more, for the demo.
import { DRAW, PASS, Position, RUNNING } from "./rules.js";

const STONES = 3; // what a cell can hold
const PAUSE = 20; // ms, for the page to draw the last move before a search keeps it busy

/** The player; `read(name)` gives the bytes of a file that demo.py made. */
export async function load(read) {
  const { exploration, grid, games, strengths } = JSON.parse(new TextDecoder().decode(await read("model.json")));
  const networks = new Map();

  /** A game's tables are large: they are fetched when it is first played. */
  function networkOf(game) {
    if (!networks.has(game.name)) {
      const made = read(`${game.name}.bin`).then((bytes) => new Network(game, new Int16Array(bytes), grid));
      made.catch(() => networks.delete(game.name));
      networks.set(game.name, made);
    }
    return networks.get(game.name);
  }

  async function predict({ game: name, moves, strength = "quick" }) {
    const game = games.find((each) => each.name === name);
    if (!game) throw new Error(`No game is called ${name} here; there are ${games.map((each) => each.name).join(", ")}.`);
    const level = strengths.find((each) => each.name === strength);
    if (!level) throw new Error(`No strength is called ${strength}; there are ${strengths.map((each) => each.name).join(", ")}.`);
    const position = follow(game, moves);
    const opinion = { cells: [...position.cells], to_move: position.toMove, finished: position.result !== RUNNING };
    if (opinion.finished) {
      return { ...opinion, winner: position.result === DRAW ? null : position.result, moves: [], choice: null };
    }
    const network = await networkOf(game);
    if (level.simulations) await new Promise((done) => setTimeout(done, PAUSE));
    const rated = level.simulations
      ? search(position, network, level.simulations, exploration)
      : atAGlance(position, network);
    for (const each of rated) each.value *= position.toMove === 0 ? 1 : -1;
    const choice = level.temperature ? draw(rated, level.temperature) : choose(rated);
    return { ...opinion, winner: null, moves: rated.map(({ move, value }) => ({ move, value })), choice };
  }

  const drawn = ({ name, title, rows, columns, falls }) => ({ name, title, rows, columns, falls });
  const offered = { games: games.map(drawn), strengths: strengths.map(({ name, title }) => ({ name, title })) };
  return { post: { "/predict": predict }, get: { "/games": async () => offered } };
}

/** The position after `moves`; throws at the first that the rules forbid. */
function follow(game, moves) {
  const position = new Position(game);
  moves.forEach((move, before) => {
    const number = before + 1;
    if (position.result !== RUNNING) throw new Error(`Move ${number}: the game was over after move ${before}.`);
    if (!position.moves().includes(move)) {
      const shown = game.name === "go" && move === PASS ? "a pass" : `move ${move}`;
      throw new Error(`Move ${number}: ${shown} is not legal there.`);
    }
    position.play(move);
  });
  return position;
}

/** Tables over n-tuples of cells; a slot is one tuple under one symmetry of the board. */
class Network {
  #weights;
  #grid;
  #half;
  #bases;
  #seers; // of each cell: slot and the weight of its digit there, by turns
  #indices;
  #after;

  constructor(game, weights, grid) {
    const { tuples, symmetries } = game;
    const table = STONES ** tuples[0].length;
    this.#weights = weights; // whole numbers, in parts of 1 / grid: so sums are exact
    this.#grid = grid;
    this.#half = tuples.length * table; // where the second player's tables start
    this.#bases = Int32Array.from(tuples.flatMap((_, tuple) => symmetries.map(() => tuple * table)));
    const seers = [...Array(game.rows * game.columns)].map(() => []);
    tuples.forEach((cells, tuple) => symmetries.forEach((symmetry, way) => cells.forEach((cell, digit) => {
      seers[symmetry[cell]].push(tuple * symmetries.length + way, STONES ** digit);
    })));
    this.#seers = seers.map((each) => Int32Array.from(each));
    this.#indices = new Int32Array(this.#bases.length);
    this.#after = new Position(game);
  }

  /** Legal moves with the value to the first player after each; finished games count exactly. */
  rate(position) {
    const offset = position.toMove * this.#half;
    const indices = this.#indices;
    indices.set(this.#bases);
    position.cells.forEach((stone, cell) => { if (stone) this.#shift(cell, stone); });
    let total = 0;
    for (let slot = 0; slot < indices.length; slot += 1) total += this.#weights[offset + indices[slot]];
    return position.moves().map((move) => {
      const after = this.#after;
      after.copy(position);
      after.play(move);
      if (after.result !== RUNNING) return { move, value: finalValue(after.result) };
      const sum = total + this.#change(position.cells, after.cells, offset);
      return { move, value: Math.fround(Math.tanh(sum / this.#grid)) };
    });
  }

  #shift(cell, difference) {
    const seers = this.#seers[cell];
    for (let i = 0; i < seers.length; i += 2) this.#indices[seers[i]] += difference * seers[i + 1];
  }

  /** How the sum changes from one board to the next: only slots of changed cells are read. */
  #change(before, after, offset) {
    const weights = this.#weights;
    const indices = this.#indices;
    let change = 0;
    for (let cell = 0; cell < before.length; cell += 1) {
      const difference = after[cell] - before[cell];
      if (difference === 0) continue;
      const seers = this.#seers[cell];
      for (let i = 0; i < seers.length; i += 2) {
        const slot = seers[i];
        change -= weights[offset + indices[slot]];
        indices[slot] += difference * seers[i + 1];
        change += weights[offset + indices[slot]];
      }
    }
    for (let cell = 0; cell < before.length; cell += 1) {
      const difference = after[cell] - before[cell];
      if (difference) this.#shift(cell, -difference);
    }
    return change;
  }
}

function finalValue(result) {
  return result === DRAW ? 0 : 1 - 2 * result;
}

/** The moves by the values alone, with no search. */
function atAGlance(position, network) {
  return network.rate(position).map(({ move, value }) => ({ move, value, visits: 0 }));
}

/** The moves with their mean values and visits after UCT on learned values. */
function search(root, network, simulations, exploration) {
  const node = (move, sum) => ({ move, sum, visits: 1, children: [] });
  const top = node(null, 0);
  const position = new Position(root.game);
  for (let simulation = 0; simulation < simulations; simulation += 1) {
    position.copy(root);
    const path = [top];
    while (path.at(-1).children.length) {
      const next = select(path.at(-1), position.toMove, exploration);
      position.play(next.move);
      path.push(next);
    }
    let value;
    if (position.result === RUNNING) {
      const rated = network.rate(position);
      path.at(-1).children = rated.map((each) => node(each.move, each.value));
      const values = rated.map((each) => each.value);
      value = position.toMove === 0 ? Math.max(...values) : Math.min(...values);
    } else {
      value = finalValue(position.result);
    }
    for (const passed of path) {
      passed.visits += 1;
      passed.sum += value;
    }
  }
  return top.children.map(({ move, sum, visits }) => ({ move, value: sum / visits, visits }));
}

/** The child with the highest upper confidence bound for `mover`. */
function select({ visits, children }, mover, exploration) {
  const sign = mover === 0 ? 1 : -1;
  const logVisits = Math.log(visits);
  let best;
  let highest = -Infinity;
  for (const child of children) {
    const bound = (sign * child.sum) / child.visits + exploration * Math.sqrt(logVisits / child.visits);
    if (bound > highest) {
      best = child;
      highest = bound;
    }
  }
  return best;
}

/** The most visited move; among equals, the one of highest value. */
function choose(rated) {
  return rated.reduce((best, each) => (
    each.visits > best.visits || (each.visits === best.visits && each.value >= best.value) ? each : best
  )).move;
}

/** A move by lot: the lower its value, the more rarely. */
function draw(rated, temperature) {
  const best = Math.max(...rated.map(({ value }) => value));
  const odds = rated.map(({ value }) => Math.exp((value - best) / temperature));
  let lot = Math.random() * odds.reduce((sum, each) => sum + each, 0);
  return (rated.find((_, place) => (lot -= odds[place]) < 0) ?? rated.at(-1)).move;
}
