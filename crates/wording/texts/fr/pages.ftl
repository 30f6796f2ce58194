### Pages, en français.
