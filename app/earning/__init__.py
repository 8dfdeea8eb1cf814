"""Earning: the pure, versioned rules that turn a basket into points and say why."""
