"""What a Dockerfile says, as far as tests ask."""

import json
import re
from dataclasses import dataclass, field

from tests.conftest import ROOT


@dataclass(slots=True)
class Stage:
    """A stage: what it starts from, and its instructions as (word, rest), in order."""

    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def told(self, word: str) -> list[str]:
        """What an instruction is given, each time."""
        return [rest for each, rest in self.instructions if each == word]

    def words(self, word: str) -> list[str]:
        """The exec form of an instruction that stands once."""
        [rest] = self.told(word)
        listed: list[str] = json.loads(rest[rest.index("[") :])
        return listed


def stages() -> dict[str, Stage]:
    """The stages of the Dockerfile, by name."""
    text = (ROOT / "Dockerfile").read_text()
    found: dict[str, Stage] = {}
    name = ""
    for line in re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.split()
            found[name] = Stage(base)
        elif word and name:
            found[name].instructions.append((word, " ".join(rest.split())))
    return found


def arguments() -> dict[str, str]:
    """The arguments that stand before the first stage, with their defaults."""
    head = (ROOT / "Dockerfile").read_text().split("\nFROM ")[0]
    return dict(re.findall(r"(?m)^ARG (\w+)=(\S+)$", head))
