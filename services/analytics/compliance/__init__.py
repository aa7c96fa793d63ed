"""The compliance report: consents, opt-outs, suppressions, blocks, bounces, complaints, privacy requests."""
