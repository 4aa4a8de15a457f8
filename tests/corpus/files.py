"""Every file of the bad-input corpus: one table, name -> what must become of it.

Nothing binary is committed; each file is made when its case runs. The groups "whose" and "again"
of RELIABILITY.md §3 need a database and stand with the returns.
"""

from tests.corpus import contents, whole_files
from tests.corpus.cases import Case

CASES: tuple[Case, ...] = (*whole_files.CASES, *contents.CASES)
