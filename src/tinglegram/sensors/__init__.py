"""Signals other than the pulse: electrodermal activity, respiration, temperature."""
