from project_package import model


def test_weeks_are_counted_to_the_nearest_new_year() -> None:
    assert hasattr(model, "weeks_to_new_year")
    asked = {1: 0, 7: 0, 8: 1, 22: 3, 60: 4, 200: 4, 365: 0, 358: 1, 340: 3}
    assert {day: model.weeks_to_new_year(day) for day in asked} == asked
