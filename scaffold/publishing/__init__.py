"""Getting a project to where others see it: a forge, its pages, a Space."""
