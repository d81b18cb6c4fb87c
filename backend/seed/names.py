"""Names and telephone numbers of people who do not exist."""

from random import Random

from backend.seed.lists import read

COMMON_SURNAMES = 10
"""The first surnames of the list are the common ones: four times as many bear them."""


class Names:
    """Draws names, never one of the story's people."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._lists = read("people")
        story = read("story")
        self._taken = {person["name"] for person in [*story["elders"], *story["workers"]]}
        self._taken |= {c["name"] for elder in story["elders"] for c in elder["contacts"]}
        surnames = self._lists["surnames"]
        self._weights = [4 if i < COMMON_SURNAMES else 1 for i in range(len(surnames))]

    def surname(self) -> str:
        """Any surname."""
        return str(self._rng.choices(self._lists["surnames"], self._weights)[0])

    def elder(self, sex: str) -> str:
        """A name of the generations born up to the sixties."""
        return self._name("elder_women" if sex == "f" else "elder_men", None)

    def younger(self, sex: str, surname: str | None = None) -> str:
        """A name of their children's or grandchildren's generation."""
        return self._name("younger_women" if sex == "f" else "younger_men", surname)

    def _name(self, given: str, surname: str | None) -> str:
        while True:
            name = f"{surname or self.surname()}{self._rng.choice(self._lists[given])}"
            if name not in self._taken:
                return name


class Numbers:
    """Draws telephone numbers that ring at nobody's, each once."""

    MOBILE = "154"
    """No operator has this prefix, so that a test message never reaches a stranger."""
    FIXED = "07691"
    """Dongguan's area code; subscribers' numbers never begin with 1."""
    KEPT_FOR_STORY = 100_000
    """Numbers below are written out in the story."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._drawn: set[str] = set()

    def mobile(self) -> str:
        """A mobile number: eleven digits."""
        return self._new(self.MOBILE, 8)

    def fixed(self) -> str:
        """A fixed line with its area code: twelve digits."""
        return self._new(self.FIXED, 7)

    def _new(self, prefix: str, digits: int) -> str:
        while True:
            number = f"{prefix}{self._rng.randrange(self.KEPT_FOR_STORY, 10**digits):0{digits}d}"
            if number not in self._drawn:
                self._drawn.add(number)
                return number
