// The rules of the three games: engine/rules.py once more, for the demo; OpenSpiel judges that one, and it this one.

export const RUNNING = -1;
export const DRAW = 2; // other results are the number of who won: 0 or 1
export const PASS = 25;
const LONGEST_GAME = 50; // plies
const KOMI = 0.5;
const SIDE = 5; // of Go
const POINTS = SIDE * SIDE;
const NEIGHBOURS = [...Array(POINTS).keys()].map((point) => [
  ...(point >= SIDE ? [point - SIDE] : []),
  ...(point < POINTS - SIDE ? [point + SIDE] : []),
  ...(point % SIDE > 0 ? [point - 1] : []),
  ...(point % SIDE < SIDE - 1 ? [point + 1] : []),
]);
const LINES = [[0, 1], [1, -1], [1, 0], [1, 1]]; // down, right
const LENGTHS = { tic_tac_toe: 3, connect_four: 4 };

const waiting = new Int8Array(POINTS);
const marks = new Int8Array(POINTS);

/** One position: cells 0 empty, 1 the first player's, 2 the second's; for Go, the code of every board so far. */
export class Position {
  constructor(game) {
    this.game = game;
    this.toMove = 0;
    this.ply = 0;
    this.result = RUNNING;
    this.ko = -1;
    this.passes = 0;
    this.cells = new Int8Array(game.rows * game.columns);
    this.boards = new Float64Array(game.name === "go" ? LONGEST_GAME + 1 : 0);
  }

  /** Become the same as `other`. */
  copy(other) {
    this.toMove = other.toMove;
    this.ply = other.ply;
    this.result = other.result;
    this.ko = other.ko;
    this.passes = other.passes;
    this.cells.set(other.cells);
    this.boards.set(other.boards);
  }

  /** The legal moves, in ascending order. */
  moves() {
    const { game: { name, rows, columns }, cells } = this;
    const found = [];
    if (this.result !== RUNNING) return found;
    if (name === "connect_four") {
      for (let column = 0; column < columns; column += 1) {
        if (cells[columns * (rows - 1) + column] === 0) found.push(column);
      }
      return found;
    }
    for (let cell = 0; cell < cells.length; cell += 1) {
      if (name === "go" ? this.#mayPlace(cell) : cells[cell] === 0) found.push(cell);
    }
    if (name === "go") found.push(PASS);
    return found;
  }

  /** Make a legal move; `result` tells whether that ended the game. */
  play(move) {
    const { game: { name, rows, columns, falls }, cells } = this;
    const mover = this.toMove;
    this.ply += 1;
    this.toMove = 1 - mover;
    if (name === "go") {
      this.#playGo(mover, move);
      return;
    }
    let cell = move;
    while (falls && cells[cell] !== 0) cell += columns;
    cells[cell] = mover + 1;
    if (this.#completesLine(cell, LENGTHS[name])) this.result = mover;
    else if (this.ply === rows * columns) this.result = DRAW;
  }

  #completesLine(cell, length) {
    const { game: { rows, columns }, cells } = this;
    const mine = cells[cell];
    for (const [down, right] of LINES) {
      let count = 1;
      for (let way = 1; way >= -1; way -= 2) {
        let row = Math.floor(cell / columns) + way * down;
        let column = (cell % columns) + way * right;
        while (row >= 0 && row < rows && column >= 0 && column < columns && cells[row * columns + column] === mine) {
          count += 1;
          row += way * down;
          column += way * right;
        }
      }
      if (count >= length) return true;
    }
    return false;
  }

  /** Liberties of the chain at `start`; `marks` gets 1 on its stones and 2 on its liberties. */
  #liberties(start) {
    const colour = this.cells[start];
    marks.fill(0);
    marks[start] = 1;
    waiting[0] = start;
    let left = 1;
    let liberties = 0;
    while (left > 0) {
      left -= 1;
      for (const point of NEIGHBOURS[waiting[left]]) {
        if (marks[point]) continue;
        if (this.cells[point] === 0) {
          marks[point] = 2;
          liberties += 1;
        } else if (this.cells[point] === colour) {
          marks[point] = 1;
          waiting[left] = point;
          left += 1;
        }
      }
    }
    return liberties;
  }

  /** Empty, no ko, and no suicide. */
  #mayPlace(point) {
    if (this.cells[point] !== 0 || point === this.ko) return false;
    const near = NEIGHBOURS[point];
    if (near.some((other) => this.cells[other] === 0)) return true;
    const mine = this.toMove + 1;
    return near.some((other) => (this.cells[other] === mine) === (this.#liberties(other) > 1));
  }

  #playGo(mover, move) {
    if (move === PASS) {
      this.ko = -1;
      this.passes += 1;
      this.boards[this.ply] = this.boards[this.ply - 1];
    } else {
      this.passes = 0;
      this.#placeStone(mover, move);
      const code = this.cells.reduce((sum, stone) => sum * 3 + stone, 0);
      // OpenSpiel calls a repeated board a draw
      if (this.boards.subarray(0, this.ply).includes(code)) this.result = DRAW;
      this.boards[this.ply] = code;
    }
    if (this.result === RUNNING && (this.passes === 2 || this.ply === LONGEST_GAME)) {
      this.result = this.#areaLead() > KOMI ? 0 : 1;
    }
  }

  #placeStone(mover, point) {
    const theirs = 2 - mover;
    const near = NEIGHBOURS[point];
    const surrounded = near.every((other) => this.cells[other] === theirs);
    this.cells[point] = mover + 1;
    let captured = 0;
    let last = -1;
    for (const other of near) {
      if (this.cells[other] !== theirs || this.#liberties(other) > 0) continue;
      last = other;
      for (let stone = 0; stone < POINTS; stone += 1) {
        if (marks[stone] !== 1) continue;
        this.cells[stone] = 0;
        captured += 1;
      }
    }
    this.ko = surrounded && captured === 1 ? last : -1;
  }

  /** The first player's area minus the second's, as the board stands (Tromp and Taylor's rules). */
  #areaLead() {
    const seen = new Set();
    let lead = 0;
    for (let point = 0; point < POINTS; point += 1) {
      if (this.cells[point]) lead += this.cells[point] === 1 ? 1 : -1;
      if (this.cells[point] || seen.has(point)) continue;
      const region = [point];
      let borders = 0;
      seen.add(point);
      for (const empty of region) { // grows while it is walked
        for (const other of NEIGHBOURS[empty]) {
          borders |= this.cells[other];
          if (this.cells[other] === 0 && !seen.has(other)) {
            seen.add(other);
            region.push(other);
          }
        }
      }
      if (borders === 1) lead += region.length;
      else if (borders === 2) lead -= region.length;
    }
    return lead;
  }
}
