"""The landing between wings and portal: what loaded data, the state of things and a household make together."""
