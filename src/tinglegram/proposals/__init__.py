"""New sounds proposed from a model's predictions: chosen, written, tried and learnt from."""
