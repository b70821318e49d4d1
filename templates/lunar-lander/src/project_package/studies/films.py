"""What does a flight look like? Failed ones first."""

import math

import pandas as pd
from PIL import Image, ImageDraw

from ..evaluate import PPO, Evaluated, controller_of
from ..flights import LEFT, MAIN, RIGHT, make, one_flight
from ..kit.results import Study, Table
from ..kit.workspace import Workspace

SHOWN = 4  # flights, the one with the lowest return first
SIZE = (300, 200)  # pixels
WORLD, SCALE, LEG_DOWN = (20.0, 400 / 30), 30, 0.6  # the environment's, in its units
MOST = 40  # pictures of one landing
PAUSE, STEP = 900, 80  # milliseconds of the last picture, and of any other
HULL = ((-14, 17), (-17, 0), (-17, -10), (17, -10), (17, 0), (14, 17))
LEGS = (((-14, -8), (-22, -20)), ((14, -8), (22, -20)))
FLAMES = {MAIN: (0, -14), LEFT: (20, 14), RIGHT: (-20, 14)}  # the left one is on the right side
SKY, GROUND, PAINT = (16, 20, 28), (150, 155, 165), (125, 176, 255)
FIRE, FLAG, INK = (255, 170, 60), (255, 220, 90), (235, 238, 242)


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The worst landings as a film, then an ordinary one: reports/figures/flights.png."""
    failed = evaluated.own.sort_values(["total", "id"]).index[:SHOWN]
    middle = (evaluated.own.total - evaluated.own.total.median()).abs().idxmin()
    chosen = [*failed, middle]
    frames: list[Image.Image] = []
    times: list[int] = []
    rows = []
    for place in chosen:
        landing, flown = evaluated.landings.loc[place], evaluated.own.loc[place]
        film = frames_of(workspace, landing, f"{flown.end}, return {flown.total:.0f}")
        frames += film
        times += [STEP] * (len(film) - 1) + [PAUSE]
        told = "ordinary" if place == middle else "among the worst"
        rows.append([landing.id, told, f"run {landing.run}", float(flown.total), flown.end])
    workspace.figures.mkdir(parents=True, exist_ok=True)
    path = workspace.figures / "flights.png"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=times, loop=0)
    return Study(
        title="What does a flight look like?",
        text="The landings with the lowest returns first, then the one in the middle of all; of a "
        "long one fewer moments are drawn.",
        tables={
            "films": Table(
                "The flights of the film, in order.",
                ["landing", "which", "run", "return", "how it ended"],
                rows,
            )
        },
        notes={"film": f"![{len(chosen)} landings, the worst first](reports/figures/flights.png)"},
    )


def frames_of(workspace: Workspace, landing: pd.Series, told: str) -> list[Image.Image]:
    """One landing, flown again, as pictures."""
    environment = make()
    controller = controller_of(workspace, PPO, int(landing.run))
    seen, actions, _, _ = one_flight(controller, environment, int(landing.seed))
    world = environment.unwrapped
    points = [world.sky_polys[0][0], *(piece[1] for piece in world.sky_polys)]
    ground = [to_pixels(*point) for point in points]
    frames = []
    for step in [*range(0, len(actions), max(4, len(actions) // MOST)), len(actions)]:
        picture = Image.new("RGB", SIZE, SKY)
        pen = ImageDraw.Draw(picture)
        pen.polygon([to_pixels(0, 0), *ground, to_pixels(WORLD[0], 0)], fill=GROUND)
        for x in (world.helipad_x1, world.helipad_x2):
            foot = to_pixels(x, world.helipad_y)
            pen.line([foot, (foot[0], foot[1] - 14)], fill=FLAG, width=2)
        draw_lander(pen, seen[step], actions[step] if step < len(actions) else 0, world.helipad_y)
        pen.text((6, 4), f"{landing.id}, run {landing.run}: {told}", fill=INK)
        frames.append(picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=32))
    return frames


def draw_lander(pen: ImageDraw.ImageDraw, seen, fired: int, pad: float) -> None:
    """The lander where an observation says it is, with the flame of the engine that fires."""
    place = seen[0] * WORLD[0] / 2 + WORLD[0] / 2, seen[1] * WORLD[1] / 2 + pad + LEG_DOWN
    sine, cosine = math.sin(seen[4]), math.cos(seen[4])

    def on_screen(point: tuple[float, float]) -> tuple[float, float]:
        x, y = point[0] / SCALE, point[1] / SCALE
        return to_pixels(place[0] + x * cosine - y * sine, place[1] + x * sine + y * cosine)

    pen.polygon([on_screen(point) for point in HULL], fill=PAINT)
    for ends in LEGS:
        pen.line([on_screen(point) for point in ends], fill=PAINT, width=2)
    if fired in FLAMES:
        x, y = on_screen(FLAMES[fired])
        pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=FIRE)


def to_pixels(x: float, y: float) -> tuple[float, float]:
    """A place in the environment's world, in a picture."""
    return x / WORLD[0] * SIZE[0], SIZE[1] - y / WORLD[1] * SIZE[1]
