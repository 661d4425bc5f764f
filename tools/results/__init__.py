"""The results of the matrix: records of cells, the report, and the pages made of them."""
