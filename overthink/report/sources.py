"""What the report cites: each work once, in words and as BibTeX, and only what was used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from db.queries import Arm
from results import Verdicts
from results.measured.costs import strategy_of
from results.measured.measurements import Measurements
from scaling.compute.axes import Axis


@dataclass(frozen=True, slots=True)
class Work:
    """`where` is a journal with its volume, or arXiv with a number."""

    key: str
    authors: str
    title: str
    where: str
    year: int
    arxiv: str | None = None

    @property
    def words(self) -> str:
        authors = self.authors.replace(" and others", " et al.").replace(" and ", "; ")
        return f"{authors} ({self.year}). {self.title}. {self.where}."

    @property
    def bibtex(self) -> str:
        kind, name = ("misc", "howpublished") if self.arxiv else ("article", "journal")
        fields = {"author": self.authors, "title": f"{{{self.title}}}", name: self.where, "year": str(self.year)}
        if self.arxiv:
            fields |= {"eprint": self.arxiv, "archivePrefix": "arXiv"}
        listed = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        return f"@{kind}{{{self.key},\n{listed}\n}}"


def _preprint(key: str, authors: str, title: str, year: int, arxiv: str) -> Work:
    return Work(key, authors, title, f"arXiv:{arxiv}", year, arxiv)


S1 = _preprint(
    "muennighoff2025s1", "Muennighoff, Niklas and others", "s1: Simple test-time scaling", 2025, "2501.19393"
)
SNELL = _preprint(
    "snell2024scaling", "Snell, Charlie and Lee, Jaehoon and Xu, Kelvin and Kumar, Aviral",
    "Scaling LLM Test-Time Compute Optimally can be More Effective than Scaling Model Parameters", 2024, "2408.03314",
)  # fmt: skip
KINETICS = _preprint(
    "sadhukhan2025kinetics", "Sadhukhan, Ranajoy and others", "Kinetics: Rethinking Test-Time Scaling Laws", 2025,
    "2506.05333",
)  # fmt: skip
VOTE = _preprint(
    "wang2022selfconsistency", "Wang, Xuezhi and others",
    "Self-Consistency Improves Chain of Thought Reasoning in Language Models", 2022, "2203.11171",
)  # fmt: skip
ADAPTIVE = _preprint(
    "aggarwal2023adaptive", "Aggarwal, Pranjal and others",
    "Let's Sample Step by Step: Adaptive-Consistency for Efficient Reasoning and Coding with LLMs", 2023, "2305.11860",
)  # fmt: skip
REBASE = _preprint(
    "wu2024inference", "Wu, Yangzhen and others",
    "Inference Scaling Laws: An Empirical Analysis of Compute-Optimal Inference for Problem-Solving with Language "
    "Models", 2024, "2408.00724",
)  # fmt: skip
DEEPCONF = _preprint("fu2025deepconf", "Fu, Yichao and others", "Deep Think with Confidence", 2025, "2508.15260")
BANDS = Work(
    "montielolea2019simultaneous", "Montiel Olea, José Luis and Plagborg-Møller, Mikkel",
    "Simultaneous confidence bands: Theory, implementation, and an application to SVARs",
    "Journal of Applied Econometrics 34(1), 1–17", 2019,
)  # fmt: skip
HOLM = Work(
    "holm1979simple", "Holm, Sture", "A Simple Sequentially Rejective Multiple Test Procedure",
    "Scandinavian Journal of Statistics 6(2), 65–70", 1979,
)  # fmt: skip
TANGO = Work(
    "tango1998equivalence", "Tango, Toshiro",
    "Equivalence test and confidence interval for the difference in proportions for the paired-sample design",
    "Statistics in Medicine 17(8), 891–908", 1998,
)  # fmt: skip
AGRESTI_MIN = Work(
    "agresti2005improved", "Agresti, Alan and Min, Yongyi",
    "Simple improved confidence intervals for comparing matched proportions", "Statistics in Medicine 24(5), 729–740",
    2005,
)  # fmt: skip

OF_STRATEGIES: Mapping[str, Work] = {
    "budget_forcing": S1, "length_control": S1, "rejection_sampling": S1, "majority_vote": VOTE,
    "adaptive_vote": ADAPTIVE, "best_of_n": SNELL, "beam_search": SNELL, "lookahead": SNELL, "revisions": SNELL,
    "rebase": REBASE, "deepconf": DEEPCONF,
}  # fmt: skip


def used(measurements: Measurements, found: Verdicts) -> tuple[Work, ...]:
    """The method's own first, then those of the strategies and axes that were looked at."""
    return tuple(dict.fromkeys(_used(measurements, found)))


def _used(measurements: Measurements, found: Verdicts) -> Iterator[Work]:
    asked = [each for each in found.claims if each.standings]
    if not asked:
        return
    yield from (SNELL, BANDS, TANGO)
    if has_parts(measurements):
        yield AGRESTI_MIN
    if len(asked) > 1:
        yield HOLM
    arms = {arm for each in asked for family in (each.claim.first, each.claim.second) for arm in family.arms}
    for each in measurements.samples:
        if each.arm.id in arms:
            yield from _of_strategy(each.arm)
    if any(Axis.EFLOPS in each.axes for each in asked):
        yield KINETICS


def _of_strategy(arm: Arm) -> Iterator[Work]:
    if arm.strategy in OF_STRATEGIES:
        yield OF_STRATEGIES[arm.strategy]
    if strategy_of(arm).forces_thinking:
        yield S1


def has_parts(measurements: Measurements) -> bool:
    """Whether a problem's answer may be a share: of its repeats, or of subsets of an arm's candidates."""
    most = max((strategy_of(each.arm).num_samples or 1 for each in measurements.samples), default=1)
    return measurements.shape[1] > 1 or most > 1
