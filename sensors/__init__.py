"""The west wing: whatever brings a fact in. Facts only; what they mean is judged in `disaster_hub.rules`."""
