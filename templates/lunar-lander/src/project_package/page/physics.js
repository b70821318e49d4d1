// LunarLander-v3 of Gymnasium once more, step for step, on Planck in place of Box2D.
// The numbers and their order are Gymnasium's (lunar_lander.py, MIT): tests fly both and compare.
import { Edge, Polygon, RevoluteJoint, Vec2, World } from "./planck.js";

const SCALE = 30;
export const WIDTH = 600 / SCALE;
export const HEIGHT = 400 / SCALE;
export const HULL = [[-14, 17], [-17, 0], [-17, -10], [17, -10], [17, 0], [14, 17]].map(([x, y]) => [x / SCALE, y / SCALE]);
export const LEG = { away: 20 / SCALE, down: 18 / SCALE, width: 2 / SCALE, height: 8 / SCALE };
export const PAD = HEIGHT / 4;
export const STEPS = 1000; // then the time is up
const CHUNKS = 11;
const FPS = 50;
const MAIN = { power: 13, place: 4 / SCALE };
const SIDE = { power: 0.6, away: 12 / SCALE, height: 14 / SCALE, lower: 17 / SCALE };
const PUSH = 1000; // at the start, at most, in either direction
const GROUND = 1; // the only thing that hull and legs collide with
// As Box2D works it out; Planck 1.4 puts the middle of this polygon elsewhere.
const MASS = { mass: 4.816666603088379, center: new Vec2(0, 0.10130725), I: 0.8333148956298828 };

/** Random heights and push, as a new landing has them. */
export function start(random = Math.random) {
  const between = (low, high) => low + (high - low) * random();
  return {
    heights: Array.from({ length: CHUNKS + 1 }, () => between(0, HEIGHT / 2)),
    push: [between(-PUSH, PUSH), between(-PUSH, PUSH)],
    wind: [Math.floor(between(-9999, 9999)), Math.floor(between(-9999, 9999))],
  };
}

/** One landing. `step(action, noise)` gives what Gymnasium's step gives. */
export class Flight {
  constructor({ heights, push, wind = [0, 0] }, { gravity = -10, windPower = 0, power = 1 } = {}) {
    this.world = new World({ gravity: new Vec2(0, gravity) });
    this.windPower = windPower;
    this.power = power;
    this.gusts = [...wind];
    this.crashed = false;
    this.touching = [0, 0];
    this.shaping = null;
    this.fired = 0;
    this.total = 0;
    this.steps = 0;
    this.#makeGround(heights);
    this.#makeLander(push);
    const bodies = (contact) => [contact.getFixtureA().getBody(), contact.getFixtureB().getBody()];
    const legs = (contact, touches) => this.legs.forEach((leg, side) => {
      if (bodies(contact).includes(leg)) this.touching[side] = touches;
    });
    this.world.on("begin-contact", (contact) => {
      if (bodies(contact).includes(this.hull)) this.crashed = true;
      legs(contact, 1);
    });
    this.world.on("end-contact", (contact) => legs(contact, 0));
  }

  #makeGround(heights) {
    const rough = [...heights];
    for (let place = 3; place < 8; place += 1) rough[place] = PAD;
    this.ground = Array.from({ length: CHUNKS }, (_, place) => [
      (WIDTH / (CHUNKS - 1)) * place,
      0.33 * (rough.at(place - 1) + rough[place] + rough[place + 1]),
    ]);
    const moon = this.world.createBody();
    moon.createFixture(new Edge(new Vec2(0, 0), new Vec2(WIDTH, 0)), { density: 0, friction: 0.2 });
    for (let place = 0; place + 1 < CHUNKS; place += 1) {
      const [from, to] = [this.ground[place], this.ground[place + 1]].map((point) => new Vec2(...point));
      moon.createFixture(new Edge(from, to), { density: 0, friction: 0.1 });
    }
  }

  #makeLander(push) {
    const place = new Vec2(WIDTH / 2, HEIGHT);
    this.hull = this.world.createDynamicBody({ position: place });
    this.hull.createFixture(new Polygon(HULL.map((point) => new Vec2(...point))), {
      density: 5, friction: 0.1, restitution: 0, filterCategoryBits: 0x10, filterMaskBits: GROUND,
    });
    this.hull.setMassData(MASS);
    this.hull.applyForceToCenter(new Vec2(...push), true);
    this.legs = [-1, 1].map((side) => {
      const leg = this.world.createDynamicBody({
        position: new Vec2(place.x - side * LEG.away, place.y), angle: side * 0.05,
      });
      const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
      leg.createFixture(new Polygon(corners.map(([x, y]) => new Vec2(x * LEG.width, y * LEG.height))), {
        density: 1, friction: 0.2, restitution: 0, filterCategoryBits: 0x20, filterMaskBits: GROUND,
      });
      this.world.createJoint(new RevoluteJoint({
        bodyA: this.hull, bodyB: leg, localAnchorA: new Vec2(0, 0), localAnchorB: new Vec2(side * LEG.away, LEG.down),
        referenceAngle: 0, enableMotor: true, enableLimit: true, maxMotorTorque: 40, motorSpeed: 0.3 * side,
        lowerAngle: side < 0 ? 0.4 : -0.9, upperAngle: side < 0 ? 0.9 : -0.4,
      }));
      return leg;
    });
  }

  /** Wind and turbulence, as long as no leg touches the ground. */
  #blow() {
    if (!this.windPower || this.touching.includes(1)) return;
    const [across, turning] = this.gusts.map((index) => Math.tanh(Math.sin(0.02 * index) + Math.sin(Math.PI * 0.01 * index)));
    this.gusts = this.gusts.map((index) => index + 1);
    this.hull.applyForceToCenter(new Vec2(across * this.windPower, 0), true);
    this.hull.applyTorque((turning * this.windPower) / 10, true);
  }

  /** Fire an engine: 0 none, 1 left, 2 main, 3 right; `noise` are two numbers from −1 to 1. */
  #fire(action, noise) {
    const { x, y } = this.hull.getPosition();
    const angle = this.hull.getAngle();
    const tip = [Math.sin(angle), Math.cos(angle)];
    const side = [-tip[1], tip[0]];
    const [along, off] = noise.map((each) => each / SCALE);
    const push = (ox, oy, power, at) => this.hull.applyLinearImpulse(
      new Vec2(-ox * power * this.power, -oy * power * this.power), new Vec2(...at), true,
    );
    if (action === 2) {
      const ox = tip[0] * (MAIN.place + 2 * along) + side[0] * off;
      const oy = -tip[1] * (MAIN.place + 2 * along) - side[1] * off;
      push(ox, oy, MAIN.power, [x + ox, y + oy]);
    } else if (action) {
      const away = 3 * off + (action - 2) * SIDE.away;
      const ox = tip[0] * along + side[0] * away;
      const oy = -tip[1] * along - side[1] * away;
      push(ox, oy, SIDE.power, [x + ox - tip[0] * SIDE.lower, y + oy + tip[1] * SIDE.height]);
    }
    this.fired = action;
  }

  /** Fly one fiftieth of a second. */
  step(action, noise = [2 * Math.random() - 1, 2 * Math.random() - 1]) {
    this.#blow();
    this.#fire(action, noise);
    this.world.step(1 / FPS, 180, 60);
    const observation = this.observe();
    const [x, y, across, upwards, angle, , left, right] = observation;
    const shaping = -100 * (Math.hypot(x, y) + Math.hypot(across, upwards) + Math.abs(angle)) + 10 * (left + right);
    let reward = this.shaping === null ? 0 : shaping - this.shaping;
    this.shaping = shaping;
    reward -= action === 2 ? 0.3 : action ? 0.03 : 0;
    let end = "";
    if (this.crashed || Math.abs(x) >= 1) [end, reward] = [this.crashed ? "crashed" : "flew off", -100];
    if (!this.hull.isAwake()) [end, reward] = ["landed", 100];
    if (this.steps > 0) this.total += reward; // the first step only shows how it begins
    this.steps += 1;
    if (!end && this.steps > STEPS) end = "out of time";
    return { observation, reward, end };
  }

  /** The eight numbers that a pilot sees. */
  observe() {
    const { x, y } = this.hull.getPosition();
    const { x: across, y: upwards } = this.hull.getLinearVelocity();
    return [
      (x - WIDTH / 2) / (WIDTH / 2),
      (y - (PAD + LEG.down)) / (HEIGHT / 2),
      (across * (WIDTH / 2)) / FPS,
      (upwards * (HEIGHT / 2)) / FPS,
      this.hull.getAngle(),
      (20 * this.hull.getAngularVelocity()) / FPS,
      ...this.touching,
    ];
  }
}
