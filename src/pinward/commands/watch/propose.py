"""`pinward watch --propose`: one pull request for each replacement, with the edit, the proof and the way back."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pinward.commands.migrations import at_once
from pinward.commands.scan.fix import by_path, describe
from pinward.commands.watch.facts import key_of
from pinward.commands.watch.run import Watched
from pinward.core.facts import Catalog
from pinward.core.findings import Edit, Finding, mark
from pinward.core.report import ChecklistItem, GateReport
from pinward.core.tree import Tree
from pinward.errors import ExitCode, PinwardError, PublishError
from pinward.gh.issues import Issues, Wanted
from pinward.gh.proposals import PREFIX, Base, File, Proposal, Proposals, Pull
from pinward.gh.publish import ACTIONS_LOGIN, MAX_COMMENT
from pinward.gh.texts import cut
from pinward.git.process import run as git
from pinward.git.tree import CommitTree
from pinward.render import figures
from pinward.render import proposal as text
from pinward.render.text import prose
from pinward.render.watch import Ending
from pinward.scan import fixes
from pinward.verdict.checklist import checklist, checklists

WORKFLOWS = ".github/workflows/"
MAX_FILES = 200
UNEVALUATED = "was not evaluated"
Evaluate = Callable[[str, str], GateReport]


@dataclass(frozen=True, slots=True)
class Proving:
    """How a replacement is proven: `evaluate` asks a task's suite of both models; the catalog knows their dates."""

    evaluate: Evaluate
    catalog: Catalog


@dataclass
class Group:
    """The models that one replacement follows, and the edits that bring it about."""

    target: str
    endings: list[Ending] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    patches: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def edit(self) -> str:
        """What stands for the edit, whatever base it is made on."""
        return mark(*(f"{e.path} {e.before} {e.after}" for e in self.edits))


def base_of(root: Path, branch: str) -> Base:
    """Return the commit that is checked out, as the base of proposals."""
    sha, tree = git(root, "rev-parse", "HEAD", "HEAD^{tree}").decode("ascii").split()
    return Base(branch, sha, tree)


def groups(watched: Watched, tree: Tree, modes: Callable[[str], str]) -> list[Group]:
    """Return one group for each replacement, most pressing first. `modes` gives a file's mode in git."""
    found: dict[str, Group] = {}
    for ending in watched.night.endings:
        if ending.lifetime.replacement:
            target = f"{ending.model.provider}/{ending.lifetime.replacement}"
            found.setdefault(target, Group(target)).endings.append(ending)
    for group in found.values():
        for path, findings in by_path(f for ending in group.endings for f in ending.findings)[:MAX_FILES]:
            _apply(group, path, findings, tree, modes)
    return [group for group in found.values() if group.files or group.patches]


def _apply(group: Group, path: str, findings: list[Finding], tree: Tree, modes: Callable[[str], str]) -> None:
    """Edit one file; what only a person may change becomes a patch."""
    before = tree.read(path)
    edited = fixes.apply(before, findings, unsafe=True)
    if not edited.made:
        return
    try:
        old, new = before.decode("utf-8"), edited.data.decode("utf-8")
    except UnicodeDecodeError:
        group.left.append(f"`{path}` is not UTF-8 and was left")
        return
    if path.startswith(WORKFLOWS):
        group.patches.append("".join(_diff(path, old, new)))
        return
    group.files[path] = File(new, modes(path))
    group.edits += map(describe, edited.made)


def _diff(path: str, old: str, new: str) -> Iterator[str]:
    for line in difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"a/{path}", f"b/{path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def propose(
    watched: Watched, root: Path, issues: Issues, proposals: Proposals, base: Base, proving: Proving
) -> Watched:
    """Open, rebuild and close proposals; return the night with what each ending has as its proof.

    At most `policy.watch.max_pull_requests` are open at once: the most pressing ones. Raises `PublishError`.
    """
    tree = CommitTree(root, base.sha)
    found = groups(watched, tree, lambda path: _mode(root, base.sha, path))
    known = proposals.ours()
    proofs: dict[str, str] = {}
    wanted: set[str] = set()
    for group in [g for g in found if g.files][: watched.project.policy.watch.max_pull_requests]:
        proposal = _proposal(group, watched, issues.author == ACTIONS_LOGIN, _Proof(known, proving, tree))
        wanted.add(proposal.branch)
        pull = proposals.put(proposal, base, known)
        said = f"in pull request {pull.number}" if pull else "the proposal was declined"
        proofs |= {ending.mark: said for ending in group.endings}
    for pull in known:
        if pull.is_open and pull.branch not in wanted:
            proposals.close(pull)
    _patches(issues, [patch for group in found for patch in group.patches])
    night = watched.night
    endings = [replace(ending, proof=proofs.get(ending.mark, ending.proof)) for ending in night.endings]
    return replace(watched, night=replace(night, endings=endings))


@dataclass(frozen=True, slots=True)
class _Proof:
    """What is proven of an edit: it is evaluated once, and what was said then is kept while the edit stays, what people
    ticked included. What could not be evaluated is tried again on the next night."""

    known: list[Pull]
    proving: Proving
    tree: Tree

    def of(self, group: Group, watched: Watched) -> text.Proven:
        """Return the proof and the checklist, as lines of Markdown."""
        branch = f"{PREFIX}{mark(group.target)}"
        same = [p for p in self.known if p.branch == branch and p.mark and p.mark[2] == group.edit]
        kept = text.proven_in(same[0].body) if same else text.Proven()
        if kept.lines and not any(UNEVALUATED in line for line in kept.lines):
            return kept
        said, items = self._evaluated(group, watched)
        return text.Proven([f"- {prose(line)}" for line in (*said, *group.left)], [text.check(item) for item in items])

    def _evaluated(self, group: Group, watched: Watched) -> tuple[list[str], list[ChecklistItem]]:
        """Evaluate the replacement for each task with a suite; what could not be evaluated is said."""
        catalog, ends = self.proving.catalog, {key_of(ending.model) for ending in group.endings}
        tasks = [task for task in watched.project.tasks.values() if key_of(catalog.identify(task.model)) in ends]
        said: list[str] = []
        found: list[tuple[str, list[ChecklistItem]]] = []
        for task in tasks:
            points = checklist(at_once(task, group.target, self.tree, (catalog, watched.night.today)))
            if task.suite is None:
                said.append(f"{task.name} has no suite: nothing shows how the replacement does its work")
            else:
                try:
                    report = self.proving.evaluate(task.name, group.target)
                    how = f" {UNEVALUATED}" if report.exit_code == ExitCode.UNAVAILABLE else ""
                    said.append(f"{task.name}{how}: {figures.sentence(report.model_copy(update={'ranking': []}))}")
                    points = report.checklist or points
                except PinwardError as error:
                    said.append(f"{task.name} {UNEVALUATED}: {error.message}")
            found.append((task.name, points))
        return said or [_unproven(group)], checklists(found)


def _unproven(group: Group) -> str:
    duties = ", ".join(dict.fromkeys(duty for ending in group.endings for duty in ending.duties))
    if duties:
        return f"used as {duties}: nothing was evaluated, since a suite is asked for a task's own model alone"
    return "no task of `pinward.yml` uses these names: nothing was evaluated"


def _proposal(group: Group, watched: Watched, bot: bool, proof: _Proof) -> Proposal:
    title = text.title(group.endings, group.target.partition("/")[2])
    written = text.body(group.endings, group.edits, proof.of(group, watched), watched.night.today, bot)
    return Proposal(mark(group.target), group.edit, title, cut(written, MAX_COMMENT, MAX_COMMENT - 200), group.files)


def _patches(issues: Issues, patches: list[str]) -> None:
    body = cut(text.patches(patches), MAX_COMMENT, MAX_COMMENT)
    issues.put(Wanted(text.PATCH_MARK, text.PATCH_TITLE, body, is_open=bool(patches)))


def _mode(root: Path, sha: str, path: str) -> str:
    out = git(root, "ls-tree", "-z", sha, "--", f":(literal){path}").decode("utf-8", "surrogateescape")
    mode = out.partition(" ")[0]
    if mode not in {"100644", "100755"}:
        raise PublishError(f"{path} is no regular file at {sha[:12]}", "Commit the file first.")
    return mode
