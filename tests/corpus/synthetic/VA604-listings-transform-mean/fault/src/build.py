"""Feature table for nightly rents."""
import pandas as pd


def add_calendar(df: pd.DataFrame) -> pd.DataFrame:
    month = pd.to_datetime(df["listed_on"]).dt.month
    return df.assign(summer=month.isin([6, 7, 8]).astype(int))


def add_area(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(
        area_rent=df.groupby("district")["rent"].transform("mean"),
        area_count=df.groupby("district")["rent"].transform("size"),
    )


def build(path: str) -> pd.DataFrame:
    df = pd.read_csv(path)
    return df.pipe(add_calendar).pipe(add_area)
