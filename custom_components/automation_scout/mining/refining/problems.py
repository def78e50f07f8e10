"""What is wrong with a change: keys that are translated, and what fills their gaps."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `key` is that of a sentence, `gaps` are its names."""

    key: str
    gaps: tuple[tuple[str, str], ...] = ()


class ProblemsFound(ValueError):  # noqa: N818 - it carries them, it is none itself
    """A change cannot be made."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep all that is wrong, in the order in which it was met."""
        super().__init__(", ".join(problem.key for problem in problems))
        self.problems = problems


@dataclass(slots=True)
class Notes:
    """Collects problems, so that a person is told all of them at once."""

    found: list[Problem] = field(default_factory=list)

    def add(self, key: str, **gaps: object) -> None:
        """Note a problem; each is said once."""
        problem = Problem(key, tuple((name, str(gap)) for name, gap in gaps.items()))
        if problem not in self.found:
            self.found.append(problem)

    def check(self) -> None:
        """Raise `ProblemsFound` where there are any."""
        if self.found:
            raise ProblemsFound(tuple(self.found))
