import sys

import pandas as pd

from model import MushroomModel

if __name__ == "__main__":
    frame = pd.read_csv(sys.argv[1])
    for name, f1 in MushroomModel(depth=6).fit(frame).summary().items():
        print(f"{name:25s} F1 {f1:.3f}")
