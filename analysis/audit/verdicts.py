"""From the checks of a figure to its verdict."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from analysis import texts
from analysis.audit.checks import CHECKS
from analysis.audit.findings import Finding, Outcome, Rule
from analysis.provenance import Origin
from analysis.published import Claim, Study

#: The study's own figures come first; the particulars of the cases, last.
SCOPES = (
    "estudio",
    "documento",
    "red",
    "plan",
    "sistematizacion",
    "escenario",
    "marco_global",
    "contexto",
    "caso",
)


class Verdict(StrEnum):
    """What can be said of a published figure with the published facts alone."""

    MATCHES = "coincide"
    POSSIBLE = "posible"
    IMPOSSIBLE = "imposible"
    UNVERIFIABLE = "no verificable"

    @property
    def key(self) -> str:
        """Key of the verdict in ``labels.yml``."""
        return self.name.lower()


_VERDICT_OF = {
    Outcome.CONTRADICTION: Verdict.IMPOSSIBLE,
    Outcome.MATCH: Verdict.MATCHES,
    Outcome.FEASIBLE: Verdict.POSSIBLE,
    Outcome.NOTHING: Verdict.UNVERIFIABLE,
}


@dataclass(frozen=True)
class Audited:
    """A published figure with its verdict.

    Parameters
    ----------
    claim : Claim
        The figure.
    verdict : Verdict
        The strongest outcome of its checks: a contradiction outweighs a match, a match outweighs
        mere feasibility.
    findings : tuple of Finding
        What each check found, the decisive ones first.
    """

    claim: Claim
    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def checked(self) -> bool:
        """Whether a rule could say something that a changed value would alter."""
        return self.verdict is not Verdict.UNVERIFIABLE

    @property
    def bases(self) -> tuple[int, ...]:
        """Bases on which the figure can hold, when it is a share."""
        return next((finding.bases for finding in self.findings if finding.bases), ())

    @property
    def origins(self) -> tuple[Origin, ...]:
        """The figure and everything that it was compared with."""
        found = [self.claim.origin, *(o for finding in self.findings for o in finding.origins)]
        return tuple(dict.fromkeys(found))

    def reason(self, lang: str) -> str:
        """Say why, in a few sentences."""
        sentences = dict.fromkeys(finding.text(lang) for finding in self.findings)
        return texts.Computed(" ".join(sentences))


def audit(study: Study) -> list[Audited]:
    """Give every published figure exactly one verdict.

    Parameters
    ----------
    study : Study
        The published tables, the rules among them.

    Returns
    -------
    list of Audited
        One per figure, the study's own figures first, in the order of the document.

    Raises
    ------
    ValueError
        When a figure has no rule, or a rule names an unknown check.
    """
    rules: dict[str, list[Rule]] = defaultdict(list)
    for row in study.table("audit_rules").to_dict("records"):
        rule = Rule.from_row(row)
        rules[rule.claim_id].append(rule)
    audited = [_verdict(study, claim, rules[claim.id]) for claim in study.all_claims()]
    return sorted(audited, key=lambda item: SCOPES.index(item.claim.scope))


def _verdict(study: Study, claim: Claim, rules: list[Rule]) -> Audited:
    if not rules:
        raise ValueError(f"La cifra {claim.id} no tiene regla en audit_rules.csv.")
    unknown = [rule.check for rule in rules if rule.check not in CHECKS]
    if unknown:
        raise ValueError(
            f"La regla de {claim.id} pide la comprobación «{unknown[0]}», que no existe; "
            f"hay: {', '.join(CHECKS)}."
        )
    findings = [CHECKS[rule.check](study, claim, rule) for rule in rules]
    findings.sort(key=lambda finding: finding.outcome)
    return Audited(claim, _VERDICT_OF[findings[0].outcome], tuple(findings))
