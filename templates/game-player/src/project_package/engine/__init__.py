"""What moves stones: rules, referee and search. How a player learns can be read without it."""
