"""From notebooks to published cuadernos: parameters, execution, pages, index."""
