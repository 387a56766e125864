"""dpc: a differentiable-programming compiler."""
