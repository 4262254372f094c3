"""What was measured in a run or by the link layer, as metrics and traces of the usual tools."""
