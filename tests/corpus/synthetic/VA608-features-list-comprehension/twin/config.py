TARGET = "salary"
IGNORED = ("row", "collected_on")
SEED = 404
TEST_SHARE = 0.2
