"""Which functions can send requests: the others are neither lowered nor run.

Names only are looked at, once for each module. What an import, an assignment, an annotation or a factory makes of a
library's clients and functions is followed from name to name, locals by function, attributes by their name alone. A
function counts where it calls or passes on what sends, is repeated by a retry library, or calls a function that counts.

`vocabulary` is what the packs tell of names, `mentions` what one walk over a module finds, `carriers` the names that
hold clients or send, `likeness` what is taken for a request by what is read of its answer, `expectations` by what is
caught around it; `survey` draws the conclusions.
"""

from errlint.flow.relevance.expectations import Expected
from errlint.flow.relevance.exports import Exports, Others
from errlint.flow.relevance.survey import Survey

__all__ = ["Expected", "Exports", "Others", "Survey"]
