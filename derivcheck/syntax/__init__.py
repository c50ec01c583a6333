"""LaTeX mathematics to a syntax tree: brackets and scripts, no meaning.

Main definitions: `parse.parse` (one formula to a tree), `relations.relations_of` (a document to its
relations). Why two ways of reading: relations must be found in text that no grammar accepts (rows,
words, lost brackets), so signs and rows are found on tokens, and only the sides are parsed.
"""
