"""Arrays by what they hold; their axes stand in the suffixes of names: `correct_PS` is problems × strategies."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
