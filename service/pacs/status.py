"""What a journal says, for people."""

from service.pacs.journal import Journal
from service.pacs.task import State


def status_of(journal: Journal, now_s: float) -> str:
    """
    How many markings have come how far, and what was refused and why.

    Args:
        journal: To be read.
        now_s: Seconds since 1970.
    """
    lines = [f"{state.value:9}{count:7}" for state, count in journal.counts().items()]
    count, oldest_s = journal.backlog()
    waiting = f"{count} waiting" + ("" if oldest_s is None else f", the first for {now_s - oldest_s:.0f} s")
    lines.append(f"studies: {waiting}")
    for task in journal.tasks(State.FAILED):
        lines.append(
            f"failed   {task.study}  {task.failures} times, again in {max(task.due_s - now_s, 0):.0f} s: {task.reason}"
        )
    lines += [f"refused  {task.study}  {task.reason}" for task in journal.tasks(State.REFUSED)]
    return "\n".join(lines) + "\n"
