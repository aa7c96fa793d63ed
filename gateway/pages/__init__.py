"""Pages for people: plain, in their language, without scripts or anything from elsewhere (GAT-31)."""
