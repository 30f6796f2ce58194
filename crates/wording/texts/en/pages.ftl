### Pages, in English.
