"""Making people and bringing them in through the bulk doors. Floor: copying the vault that comes of it, to disk."""

from homes import copied, simulated, tell


def main(sizes: list[int]) -> None:
    """Print one line a size for everything, and one for the generators alone."""
    for people in sizes:
        home, found, seconds, peak = simulated(people)
        floor = copied(home / "vault")
        tell("simulate", people, seconds, peak=peak, floor=floor)
        tell("simulate/make", people, found["seconds"]["making"], peak=peak, floor=floor)
