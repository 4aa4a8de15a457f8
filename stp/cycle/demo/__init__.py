"""The illustrative data: made by rule from fixtures/demo, loaded in order of date."""
