"""A trained model learns a domain of its user's own, from texts without summaries, in minutes.

its options                                              config.py
given documents, and short texts in the wanted style     texts.py
cut into passages, a part of both held out               domain.py
salience of the domain, leaning on the closest known     domain_salience.py
language model, R and G go on learning                   stages.py, under the clock of clock.py
old and new G are judged by what was held out            selection.py
a whole checkpoint, its card, tables of before and after writing.py, report.py
"""

from summae.adapting.run import Adapted, adapt

__all__ = ["Adapted", "adapt"]
