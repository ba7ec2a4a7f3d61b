"""``nodelens-train`` without dropout and in single precision: what is left of chance, any number of processes share."""

import sys

from training import loop
from training.main import main
from training.networks import cnn

if __name__ == "__main__":
    cnn.DROPOUT_TRUNK = 0.0
    loop.multiplies_bfloat16 = lambda _: False
    sys.exit(main())
